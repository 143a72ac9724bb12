import type { Value } from "../graph/value.js";
import { dependencies, nodesOf } from "../graph/value.js";
import type { Graph } from "../model/encode-model.js";

/** A model with constant filters benefits from the engine's own optimiser, which lays them out for its fastest convolutions. */
export type ModelPurpose = "training" | "inference";

/** Whether the value does not depend on any feed. */
function isConstant(value: Value): boolean {
  const behind = nodesOf([value]).flatMap(dependencies);
  return [value, ...behind].every(({ source }) => source.kind !== "feed");
}

/** Convolutions with constant filters are inference: in training the filters are fed. */
export function purposeOf(graph: Graph): ModelPurpose {
  const convolutions = nodesOf(graph.outputs).filter((node) => node.op === "Conv");
  return convolutions.length > 0 && convolutions.every((node) => isConstant(node.inputs[1]!))
    ? "inference"
    : "training";
}

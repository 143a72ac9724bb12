import { nodesOf } from "../graph/value.js";
import type { Graph } from "../model/encode-model.js";
import { blockChains } from "./block-rows.js";
import { foldProducts } from "./fold-products.js";
import { plainOperators } from "./plain-operators.js";
import { rewrite } from "./rewrite.js";
import { foldBias, sinkTransposes } from "./sink-transposes.js";

/**
 * Rewrites a graph so that it runs faster and computes the same.
 *
 * @param target where it will run: on a device there is no cache to block chains for, and only standard operators are at home.
 */
export function optimize(graph: Graph, target: "cpu" | "device" = "cpu"): Graph {
  const convolves = nodesOf(graph.outputs).some((node) => node.op === "Conv");
  const laidOut = convolves ? rewrite(rewrite(graph, sinkTransposes), foldBias) : graph;
  if (target === "device") return rewrite(laidOut, plainOperators);
  return blockChains(rewrite(laidOut, foldProducts));
}

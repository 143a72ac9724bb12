import { nodesOf } from "../graph/value.js";
import type { Graph } from "../model/encode-model.js";
import { blockChains } from "./block-rows.js";
import { foldProducts } from "./fold-products.js";
import type { Rule } from "./rewrite.js";
import { rewrite } from "./rewrite.js";
import { foldBias, sinkTransposes } from "./sink-transposes.js";

/**
 * Rewrites a graph so that it runs faster and computes the same.
 *
 * @param operators for a device, writes what its engine lacks in operators that it has; for the CPU left out. On a device there is no
 * cache to block chains for.
 */
export function optimize(graph: Graph, operators?: Rule): Graph {
  const convolves = nodesOf(graph.outputs).some((node) => node.op === "Conv");
  const laidOut = convolves ? rewrite(rewrite(graph, sinkTransposes), foldBias) : graph;
  if (operators !== undefined) return rewrite(laidOut, operators);
  return blockChains(rewrite(laidOut, foldProducts));
}

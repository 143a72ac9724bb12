import { isNarrow, nodesOf } from "../graph/value.js";
import type { Graph } from "../model/encode-model.js";
import { blockChains } from "./block-rows.js";
import { emulateHalf } from "./emulate-half.js";
import { foldProducts } from "./fold-products.js";
import type { Rule } from "./rewrite.js";
import { rewrite } from "./rewrite.js";
import { foldBias, sinkTransposes } from "./sink-transposes.js";

function layOut(graph: Graph): Graph {
  const convolves = nodesOf(graph.outputs).some((node) => node.op === "Conv");
  return convolves ? rewrite(rewrite(graph, sinkTransposes), foldBias) : graph;
}

/** The rewriting for an engine of a CPU that fuses elementwise chains and chooses the layout of images itself. */
export function optimizeWhole(graph: Graph): Graph {
  return rewrite(graph, foldProducts);
}

/**
 * Rewrites a graph so that it runs faster with the same result.
 *
 * @param operators for a device, rewrites operators that its engine lacks; undefined for the CPU. On a device there is no
 * cache to block chains for. The CPU engine has no half-precision kernels, so half precision is emulated: to check numbers, not for speed.
 */
export function optimize(graph: Graph, operators?: Rule): Graph {
  if (operators !== undefined) return rewrite(layOut(graph), operators);
  const folded = optimizeWhole(layOut(graph));
  const mixed = nodesOf(folded.outputs).some((node) => node.outputs.some(({ type }) => isNarrow(type)));
  return mixed ? emulateHalf(folded) : blockChains(folded);
}

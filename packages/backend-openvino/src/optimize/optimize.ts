import type { Graph, Rule } from "@ganymede/backend-onnx/engine";
import { optimizeWhole, rewrite } from "@ganymede/backend-onnx/engine";
import { GanymedeError } from "@ganymede/core";
import { earlyReshapes, smallScales } from "./early-reshapes.js";
import { withoutEmptyTensors } from "./empty-tensors.js";
import { exactIntegers } from "./integers.js";
import { exactQuotients } from "./quotients.js";
import { splitProducts } from "./split-products.js";
import { quickSums } from "./sums.js";

/** Second moments of gradients are below the range of float16, and there is no loss scale that the engine's own kernels keep to. */
const withoutHalves: Rule = (_, node) => {
  if (node.outputs.every(({ type }) => type !== "float16")) return undefined;
  throw new GanymedeError(
    "unsupported",
    "openvino backend: a compiled function must be in float32, got float16; set precision to float32 or use --backend onnx",
  );
};

/**
 * Rewrites a traced graph into one that OpenVINO runs fast and right.
 *
 * @throws GanymedeError `unsupported` for float16, or for an operator on a tensor without elements that has elements all the same.
 */
export function optimize(graph: Graph): Graph {
  const exact = [withoutHalves, withoutEmptyTensors, exactIntegers, exactQuotients];
  const whole = exact.reduce(rewrite, optimizeWhole(graph));
  return splitProducts(quickSums([earlyReshapes, smallScales].reduce(rewrite, whole)));
}

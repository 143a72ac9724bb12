import * as tf from "@tensorflow/tfjs-core";
import type { Layer } from "../contracts/layer.js";
import type { ParamTree } from "../tree/param-tree.js";

/** y = x + layer(x), with the layer's parameters. */
export function residual<Params extends ParamTree, X extends tf.Tensor>(
  layer: Layer<Params, X, X>,
): Layer<Params, X, X> {
  return {
    init: (key) => layer.init(key),
    apply: (params, x, context) => tf.add<X>(x, layer.apply(params, x, context)),
  };
}

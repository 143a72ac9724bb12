import type { Layer } from "../contracts/layer.js";
import type { ParamTree } from "../tree/param-tree.js";

/** A layer and a function of its output, f(layer(x)), with the layer's parameters: an activation, a change of shape. */
export function activated<Params extends ParamTree, Input, Output, Next>(
  layer: Layer<Params, Input, Output>,
  activation: (output: Output) => Next,
): Layer<Params, Input, Next> {
  return {
    init: (key) => layer.init(key),
    apply: (params, x, context) => activation(layer.apply(params, x, context)),
  };
}

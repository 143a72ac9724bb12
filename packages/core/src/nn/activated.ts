import type { Layer } from "../contracts/layer.js";
import type { ParamTree } from "../tree/param-tree.js";

/** A layer followed by a function of its output, f(layer(x)), such as an activation or a reshape, with the layer's parameters. */
export function activated<Params extends ParamTree, Input, Output, Next>(
  layer: Layer<Params, Input, Output>,
  activation: (output: Output) => Next,
): Layer<Params, Input, Next> {
  return {
    init: (key) => layer.init(key),
    apply: (params, x, context) => activation(layer.apply(params, x, context)),
  };
}

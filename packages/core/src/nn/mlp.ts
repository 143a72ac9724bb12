import type * as tf from "@tensorflow/tfjs-core";
import { defineLayer } from "../contracts/layer.js";
import { gelu } from "../ops/gelu.js";
import { fold } from "../random/key.js";
import type { LinearFactory, LinearParams } from "./linear.js";
import { linear as plainLinear } from "./linear.js";

export interface MlpOptions {
  /** Size of the last axis of input and output. */
  readonly width: number;
  /** Size between the two linear maps. */
  readonly hidden: number;
  /** GELU where left out. */
  readonly activation?: (x: tf.Tensor) => tf.Tensor;
  /** How the two maps are made; `linear` where left out. */
  readonly linear?: LinearFactory;
}

export type MlpParams = { readonly expand: LinearParams; readonly contract: LinearParams };

/**
 * Two linear maps with an activation between: y = contract(activation(expand(x))), x `[..., width]`.
 *
 * Source: Dosovitskiy et al. 2021, ViT, arXiv 2010.11929, section 3.1.
 */
export const mlp = ({ width, hidden, activation = gelu, linear = plainLinear }: MlpOptions) => {
  const expand = linear({ inputs: width, outputs: hidden });
  const contract = linear({ inputs: hidden, outputs: width });
  return defineLayer<MlpParams, tf.Tensor3D, tf.Tensor3D>({
    init: (key) => ({ expand: expand.init(fold(key, "expand")), contract: contract.init(fold(key, "contract")) }),
    apply: (params, x) => contract.apply(params.contract, activation(expand.apply(params.expand, x))) as tf.Tensor3D,
  });
};

import type * as tf from "@tensorflow/tfjs-core";
import { gelu } from "../ops/gelu.js";
import { compose } from "./compose.js";
import type { LinearFactory } from "./linear.js";
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

/**
 * Two linear maps with an activation between: y = contract(activation(expand(x))), x `[..., width]`.
 *
 * Source: Dosovitskiy et al. 2021, ViT, arXiv 2010.11929, section 3.1.
 */
export const mlp = ({ width, hidden, activation = gelu, linear = plainLinear }: MlpOptions) =>
  compose(
    { expand: linear({ inputs: width, outputs: hidden }), contract: linear({ inputs: hidden, outputs: width }) },
    (part, x: tf.Tensor3D): tf.Tensor3D => part.contract(activation(part.expand(x)) as tf.Tensor3D),
  );

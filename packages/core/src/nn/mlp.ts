import type * as tf from "@tensorflow/tfjs-core";
import { gelu } from "../ops/gelu.js";
import { compose } from "./compose.js";
import type { LinearFactory } from "./linear.js";
import { linear as plainLinear } from "./linear.js";

/** Sizes, activation and linear layers of `mlp`. */
export interface MlpOptions {
  /** Size of the last axis of input and output. */
  readonly width: number;
  /** Size of the hidden layer. */
  readonly hidden: number;
  /** Default: GELU. */
  readonly activation?: (x: tf.Tensor) => tf.Tensor;
  /** Factory of the two linear layers. Default: `linear`. */
  readonly linear?: LinearFactory;
}

/**
 * Two linear layers with an activation in between: y = contract(activation(expand(x))), x `[..., width]`.
 *
 * Source: Dosovitskiy et al. 2021, ViT, arXiv 2010.11929, section 3.1.
 */
export const mlp = ({ width, hidden, activation = gelu, linear = plainLinear }: MlpOptions) =>
  compose(
    { expand: linear({ inputs: width, outputs: hidden }), contract: linear({ inputs: hidden, outputs: width }) },
    (part, x: tf.Tensor3D): tf.Tensor3D => part.contract(activation(part.expand(x)) as tf.Tensor3D),
  );

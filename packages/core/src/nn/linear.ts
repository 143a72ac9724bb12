import * as tf from "@tensorflow/tfjs-core";
import type { Context, Layer } from "../contracts/layer.js";
import { defineLayer } from "../contracts/layer.js";
import { GanymedeError } from "../errors/ganymede-error.js";
import { uniform } from "../random/draw.js";
import { fold } from "../random/key.js";
import { linearMap } from "./linear-map.js";

/** Sizes of a linear layer. */
export interface LinearOptions {
  readonly inputs: number;
  readonly outputs: number;
  /** Whether to learn a bias. Default: true. */
  readonly bias?: boolean;
}

/** Parameters of a linear layer. */
export type LinearParams = {
  /** `[inputs, outputs]`. */
  readonly weight: tf.Tensor2D;
  /** `[outputs]`; absent without bias. */
  readonly bias?: tf.Tensor1D;
};

/** y = x W + b over the last axis, for inputs of any rank. */
export interface LinearLayer extends Layer<LinearParams, tf.Tensor, tf.Tensor> {
  apply<T extends tf.Tensor>(params: LinearParams, x: T, context: Context): T;
}

/** Creates a linear layer; families pass one to blocks and attentions to choose how weights are stored and scaled. */
export type LinearFactory = (options: LinearOptions) => LinearLayer;

export function checkLinear({ inputs, outputs }: LinearOptions, who: string): void {
  if (!(Number.isInteger(inputs) && inputs > 0 && Number.isInteger(outputs) && outputs > 0)) {
    throw new GanymedeError(
      "invalid-argument",
      `${who}: inputs and outputs must be positive integers, got ${inputs} and ${outputs}`,
    );
  }
}

/**
 * y = x W + b, x `[..., inputs]` to `[..., outputs]`. W is initialised uniformly in +-sqrt(6 / (inputs + outputs)), b to zero.
 *
 * Source: Glorot and Bengio 2010, section 4.2.1, for the initial values.
 */
export const linear: LinearFactory = (options) => {
  checkLinear(options, "linear");
  const { inputs, outputs, bias = true } = options;
  const limit = Math.sqrt(6 / (inputs + outputs));
  return defineLayer<LinearParams, tf.Tensor, tf.Tensor>({
    init: (key) => ({
      weight: uniform<tf.Rank.R2>(fold(key, "weight"), [inputs, outputs], -limit, limit),
      ...(bias ? { bias: tf.zeros([outputs]) as tf.Tensor1D } : {}),
    }),
    apply: (params, x) => linearMap(x, params.weight, params.bias),
  }) as LinearLayer;
};

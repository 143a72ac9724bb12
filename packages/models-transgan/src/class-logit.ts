import type { Context, MixerPart } from "@ganymede/core";
import { defineLayer, fold, normal } from "@ganymede/core";
import { classVectors } from "@ganymede/core/nn";
import * as tf from "@tensorflow/tfjs-core";
import type { BlockOptions } from "./block.js";
import { block } from "./block.js";
import { narrowLinear } from "./starts.js";
import { tokenNorm } from "./token-norm.js";

/** sqrt(0.5) for both terms of each sum where no norm keeps them in bounds. */
export function residualGain({ norm }: Pick<BlockOptions, "norm">): number {
  return norm === "none" ? Math.SQRT1_2 : 1;
}

/** What a head is made for; `classes` is 0 for none. */
export interface HeadOptions extends Pick<BlockOptions, "norm" | "width"> {
  readonly classes: number;
}

/** A class token before the tokens of images: x `[B, N, C]`, token `[C]`, gives `[B, N + 1, C]`. */
export function withClassToken(x: tf.Tensor3D, token: tf.Tensor1D): tf.Tensor3D {
  const [batch, , width] = x.shape;
  return tf.concat3d([tf.add(tf.zeros([batch, 1, width]), token) as tf.Tensor3D, x], 1);
}

/**
 * A norm and a linear map of the first token: `[B, N, C]` to `[B]`. With classes the projection is added, the product of the token and
 * a vector of the image's class.
 *
 * Source: of the projection, Miyato and Koyama 2018, arXiv 1802.05637, section 3.
 */
export function classHead({ norm: kind, width, classes }: HeadOptions) {
  const norm = tokenNorm(kind, width);
  const linear = narrowLinear({ inputs: width, outputs: 1 });
  return defineLayer({
    init: (key) => ({
      norm: norm.init(fold(key, "norm")),
      linear: linear.init(fold(key, "linear")),
      ...(classes === 0 ? {} : { classes: normal<tf.Rank.R2>(fold(key, "classes"), [classes, width], 0, 0.02) }),
    }),
    apply(params, x: tf.Tensor3D, context: Context): tf.Tensor1D {
      const first = tf.slice3d(x, [0, 0, 0], [x.shape[0], 1, x.shape[2]]);
      const token = tf.reshape(norm.apply(params.norm, first, context), [-1, width]) as tf.Tensor2D;
      const logit = tf.reshape(linear.apply(params.linear, token, context), [-1]) as tf.Tensor1D;
      if (params.classes === undefined) return logit;
      return tf.add(logit, tf.sum(tf.mul(token, classVectors(params.classes, context, "transgan discriminator")), 1));
    },
  });
}

/** A class token joins, one more block, and the logit from it. */
export function classLogit(
  options: Omit<BlockOptions, "grid" | "memoryWidth" | "linear"> & HeadOptions,
  variant: MixerPart,
) {
  const last = block({ ...options, grid: null, memoryWidth: null, linear: narrowLinear }, variant);
  const head = classHead(options);
  return defineLayer({
    init: (key) => ({
      token: normal<tf.Rank.R1>(fold(key, "token"), [options.width], 0, 0.02),
      block: last.init(fold(key, "block")),
      head: head.init(fold(key, "head")),
    }),
    apply(params, x: tf.Tensor3D, context: Context): tf.Tensor1D {
      const judged = last.apply(params.block, { x: withClassToken(x, params.token), keep: 1 }, context);
      return head.apply(params.head, judged, context);
    },
  });
}

import type { Context, SelfAttention } from "@ganymede/core";
import { defineLayer, fold, normal } from "@ganymede/core";
import * as tf from "@tensorflow/tfjs-core";
import type { BlockOptions } from "./block.js";
import { block } from "./block.js";
import { narrowLinear } from "./starts.js";
import { tokenNorm } from "./token-norm.js";

/** sqrt(0.5) for both terms of each sum where no norm keeps them in bounds. */
export function residualGain({ norm }: Pick<BlockOptions, "norm">): number {
  return norm === "none" ? Math.SQRT1_2 : 1;
}

/** A class token before the tokens of images: x `[B, N, C]`, token `[C]`, gives `[B, N + 1, C]`. */
export function withClassToken(x: tf.Tensor3D, token: tf.Tensor1D): tf.Tensor3D {
  const [batch, , width] = x.shape;
  return tf.concat3d([tf.add(tf.zeros([batch, 1, width]), token) as tf.Tensor3D, x], 1);
}

/** A norm and a linear map of the first token: `[B, N, C]` to `[B]`. */
export function classHead({ norm: kind, width }: Pick<BlockOptions, "norm" | "width">) {
  const norm = tokenNorm(kind, width);
  const linear = narrowLinear({ inputs: width, outputs: 1 });
  return defineLayer({
    init: (key) => ({ norm: norm.init(fold(key, "norm")), linear: linear.init(fold(key, "linear")) }),
    apply(params, x: tf.Tensor3D, context?: Context): tf.Tensor1D {
      const token = tf.slice3d(x, [0, 0, 0], [x.shape[0], 1, x.shape[2]]);
      return tf.reshape(linear.apply(params.linear, norm.apply(params.norm, token, context)), [-1]);
    },
  });
}

/** A class token joins, one more block, and the logit from it. */
export function classLogit(options: Omit<BlockOptions, "side" | "memoryWidth" | "linear">, variant: SelfAttention) {
  const last = block({ ...options, side: null, memoryWidth: null, linear: narrowLinear }, variant);
  const head = classHead(options);
  return defineLayer({
    init: (key) => ({
      token: normal<tf.Rank.R1>(fold(key, "token"), [options.width], 0, 0.02),
      block: last.init(fold(key, "block")),
      head: head.init(fold(key, "head")),
    }),
    apply(params, x: tf.Tensor3D, context?: Context): tf.Tensor1D {
      const judged = last.apply(params.block, { x: withClassToken(x, params.token), keep: 1 }, context);
      return head.apply(params.head, judged, context);
    },
  });
}

import type { Context, Layer, MixerPart, ParamTree } from "@ganymede/core";
import { defineLayer, fold } from "@ganymede/core";
import * as tf from "@tensorflow/tfjs-core";

/** A layer from a map to a map of the same side. */
export type MapLayer = Layer<ParamTree, tf.Tensor4D, tf.Tensor4D>;

export interface AttentionStepOptions {
  readonly channels: number;
  readonly heads: number;
  /** Of the square map, in pixels. */
  readonly side: number;
}

/**
 * Attention, or another mixer, beside the map that it reads: y = x + gamma attention(x), gamma learned from 0, so that a network starts
 * without it.
 * Shapes: x `[B, side, side, C]` to the same.
 * Source: Zhang et al. 2019, arXiv 1805.08318, section 3, equation 3.
 */
export function attentionStep(mixer: MixerPart, { channels, heads, side }: AttentionStepOptions): MapLayer {
  const attention = mixer.create({ channels, heads, grid: [side, side] });
  return defineLayer({
    init: (key) => ({ attention: attention.init(fold(key, "attention")), gamma: tf.zeros([1]) }),
    apply(params, x: tf.Tensor4D, context: Context): tf.Tensor4D {
      const tokens = tf.reshape(x, [x.shape[0], side * side, channels]) as tf.Tensor3D;
      const update = tf.mul(attention.apply(params.attention, tokens, context), params.gamma);
      return tf.add(x, tf.reshape(update, x.shape));
    },
  }) as MapLayer;
}

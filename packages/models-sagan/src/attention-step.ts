import type { Layer, MixerPart, ParamTree } from "@ganymede/core";
import { compose, learned } from "@ganymede/core/nn";
import * as tf from "@tensorflow/tfjs-core";

/** A layer from map to map. */
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
 * Shape: x `[B, side, side, C]` to the same.
 * Source: Zhang et al. 2019, arXiv 1805.08318, section 3, equation 3.
 */
export function attentionStep(mixer: MixerPart, { channels, heads, side }: AttentionStepOptions) {
  const attention = mixer.create({ channels, heads, grid: [side, side] });
  const parts = { attention, gamma: learned(() => tf.zeros<tf.Rank.R1>([1])) };
  return compose(parts, (part, x: tf.Tensor4D): tf.Tensor4D => {
    const update = part.attention(tf.reshape(x, [x.shape[0], side * side, channels]));
    return tf.add(x, tf.reshape(tf.mul(update, part.gamma), x.shape));
  });
}

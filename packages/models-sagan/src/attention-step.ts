import { plainSagan, sagan } from "@ganymede/attention";
import type { Context, Layer, MapAttentionPart, ParamTree, SelfAttentionPart } from "@ganymede/core";
import { defineLayer, fold } from "@ganymede/core";
import * as tf from "@tensorflow/tfjs-core";
import { residualStep } from "./residual-step.js";

/** A layer from a map to a map of the same side. */
export type MapLayer = Layer<ParamTree, tf.Tensor4D, tf.Tensor4D>;

export interface AttentionStepOptions {
  readonly channels: number;
  readonly heads: number;
  /** Of the square map, in pixels. */
  readonly side: number;
}

/** Variants that add themselves to the map. */
const added: ReadonlySet<string> = new Set([sagan.id, plainSagan.id, residualStep.id]);

function mapLayer(
  variant: MapAttentionPart | SelfAttentionPart,
  { channels, heads, side }: AttentionStepOptions,
): MapLayer {
  const options = { channels, heads, grid: [side, side] as const };
  if (variant.role === "map") return variant.create(options);
  const attention = variant.create(options);
  return defineLayer({
    init: attention.init,
    apply(params: ParamTree, x: tf.Tensor4D, context?: Context): tf.Tensor4D {
      const tokens = tf.reshape(x, [x.shape[0], side * side, channels]) as tf.Tensor3D;
      return tf.reshape(attention.apply(params, tokens, context), x.shape);
    },
  });
}

/**
 * Attention beside the map that it reads: y = x + gamma attention(x), gamma learned from 0, so that a network starts without it. SAGAN's
 * own variants are so by themselves, and the residual block that attention is compared with has no gate.
 * Shapes: x `[B, side, side, C]` to the same.
 * Source: Zhang et al. 2019, arXiv 1805.08318, section 3, equation 3.
 */
export function attentionStep(variant: MapAttentionPart | SelfAttentionPart, options: AttentionStepOptions): MapLayer {
  const attention = mapLayer(variant, options);
  if (added.has(variant.id)) return attention;
  return defineLayer({
    init: (key) => ({ attention: attention.init(fold(key, "attention")), gamma: tf.zeros([1]) }),
    apply: (params, x: tf.Tensor4D, context): tf.Tensor4D =>
      tf.add(x, tf.mul(attention.apply(params.attention, x, context), params.gamma)),
  }) as MapLayer;
}

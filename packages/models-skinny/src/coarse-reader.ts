import { cross } from "@ganymede/attention";
import type { ParamTree } from "@ganymede/core";
import { defineLayer, fold } from "@ganymede/core";
import type { FourierFeaturesParams } from "@ganymede/core/nn";
import { contextAt, equalizedLinear, fourierFeatures, gridPositions, mlp } from "@ganymede/core/nn";
import * as tf from "@tensorflow/tfjs-core";
import type { GeneratorConfig } from "./config.js";
import { styleNorm } from "./style-norm.js";

export interface CoarseInput {
  /** `[B, L, D]`. */
  readonly latents: tf.Tensor3D;
  readonly style: tf.Tensor2D | undefined;
}

export type CoarseReaderParams = {
  readonly position: FourierFeaturesParams;
  readonly attentionNorm: ParamTree;
  readonly attention: ParamTree;
  readonly mlpNorm: ParamTree;
  readonly mlp: ParamTree;
};

/**
 * The first pixels: q = sin(p W + b) for every place p, q' = q + cross(norm(q, w), latents), then q' + MLP(norm(q', w)).
 *
 * Shapes: latents `[B, L, D]` to `[B, side side, width]`.
 * Source: Jaegle et al. 2021, Perceiver IO, arXiv 2107.14795, section 3.1, for queries of places that read latents.
 */
export function coarseReader({ coarse, stack, mlpRatio }: GeneratorConfig, styleWidth: number | null) {
  const { side, width, heads } = coarse;
  const position = fourierFeatures({ width });
  const attentionNorm = styleNorm(width, styleWidth);
  const mlpNorm = styleNorm(width, styleWidth);
  const sizes = {
    channels: width,
    memoryChannels: stack.width,
    heads,
    linear: equalizedLinear,
    grid: [side, side] as const,
  };
  const attention = cross().create(sizes);
  const forward = mlp({ width, hidden: mlpRatio * width, linear: equalizedLinear });
  return defineLayer<CoarseReaderParams, CoarseInput, tf.Tensor3D>({
    init: (key) => ({
      position: position.init(fold(key, "position")),
      attentionNorm: attentionNorm.init(fold(key, "attentionNorm")),
      attention: attention.init(fold(key, "attention")),
      mlpNorm: mlpNorm.init(fold(key, "mlpNorm")),
      mlp: forward.init(fold(key, "mlp")),
    }),
    apply(params, { latents, style }, context) {
      const places = tf.expandDims(position.apply(params.position, gridPositions(side), context)); // [1, N, width]
      const q = tf.broadcastTo(places, [latents.shape[0], side * side, width]) as tf.Tensor3D;
      const asked = attentionNorm.apply(params.attentionNorm, { x: q, style }, context);
      const input = { x: asked, memory: latents };
      const update = attention.apply(params.attention as never, input, contextAt(context, "attention"));
      const read = tf.add(q, update) as tf.Tensor3D;
      return tf.add(
        read,
        forward.apply(params.mlp as never, mlpNorm.apply(params.mlpNorm, { x: read, style }, context), context),
      );
    },
  });
}

import type { Context, MixerPart } from "@ganymede/core";
import { defineLayer, expectShape, fold } from "@ganymede/core";
import { batchNorm, conditionalBatchNorm, contextAt, convolution, linear } from "@ganymede/core/nn";
import * as tf from "@tensorflow/tfjs-core";
import type { MapLayer } from "./attention-step.js";
import { attentionStep } from "./attention-step.js";
import type { NormConfig, SaganConfig } from "./config.js";
import { upBlock } from "./up-block.js";

/** The norm of the blocks: by class where there are classes. */
function blockNorm({ epsilon, decay, sampling, tables }: NormConfig, classes: number) {
  return (width: number): MapLayer => {
    const options = { width, epsilon, decay, sampling };
    const start = tables === "plain" ? "identity" : "random";
    return (classes === 0 ? batchNorm(options) : conditionalBatchNorm({ ...options, classes, start })) as MapLayer;
  };
}

/** The blocks in their order, attention behind those that it follows. */
function stepsOf({ classes, generator }: SaganConfig, variant: MixerPart, places: readonly number[]) {
  const { widths, heads } = generator;
  const norm = blockNorm(generator.norm, classes);
  return widths.slice(1).flatMap((outputs, index): MapLayer[] => {
    const block = upBlock({ inputs: widths[index] as number, outputs, norm }) as MapLayer;
    if (!places.includes(index)) return [block];
    return [block, attentionStep(variant, { channels: outputs, heads, side: 8 * 2 ** index })];
  });
}

/**
 * SAGAN's generator: z becomes a 4x4 map, residual blocks double it, attention stands behind some of them; then a norm, ReLU, conv 3x3
 * and tanh.
 *
 * Shapes: z `[B, latentSize]` to images `[B, H, W, C]` in [-1, 1]; the context carries the labels `[B]` where there are classes.
 * Source: Zhang et al. 2019, arXiv 1805.08318; brain-research/self-attention-gan, `generator.py`.
 *
 * @param places blocks, from 0, behind which the attention stands.
 */
export function createGenerator(config: SaganConfig, variant: MixerPart, places: readonly number[]) {
  const { widths, latentSize, norm } = config.generator;
  const [narrowest, last] = [widths[0] as number, widths.at(-1) as number];
  const start = linear({ inputs: latentSize, outputs: 16 * narrowest });
  const steps = stepsOf(config, variant, places);
  const { epsilon, finalDecay: decay, sampling } = norm;
  const finalNorm = batchNorm({ width: last, epsilon, decay, sampling });
  const output = convolution({ inputs: last, outputs: config.channels, kernel: 3 });
  return defineLayer({
    init: (key) => ({
      start: start.init(fold(key, "start")),
      blocks: steps.map((step, index) => step.init(fold(fold(key, "blocks"), index))),
      norm: finalNorm.init(fold(key, "norm")),
      output: output.init(fold(key, "output")),
    }),
    apply(params, z: tf.Tensor2D, context: Context): tf.Tensor4D {
      expectShape(z, ["B", latentSize], "sagan generator input");
      const map = tf.reshape(start.apply(params.start, z, context), [-1, 4, 4, narrowest]) as tf.Tensor4D;
      const drawn = steps.reduce(
        (x, step, index) => step.apply(params.blocks[index] ?? {}, x, contextAt(context, index)),
        map,
      );
      const active = tf.relu(finalNorm.apply(params.norm, drawn, context)) as tf.Tensor4D;
      return tf.tanh(output.apply(params.output, active, context));
    },
  });
}

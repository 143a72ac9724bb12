import type { MixerPart } from "@ganymede/core";
import { expectShape } from "@ganymede/core";
import { batchNorm, compose, conditionalBatchNorm, convolution, linear, stack, upsample } from "@ganymede/core/nn";
import * as tf from "@tensorflow/tfjs-core";
import type { MapLayer } from "./attention-step.js";
import { attentionStep } from "./attention-step.js";
import type { NormConfig, SaganConfig } from "./config.js";
import { generatorSides, withAttention } from "./config.js";

/** The norm of the blocks: by class if there are classes. */
function blockNorm({ epsilon, decay, sampling, tables }: NormConfig, classes: number) {
  return (width: number): MapLayer => {
    const options = { width, epsilon, decay, sampling };
    const start = tables === "plain" ? "identity" : "random";
    return classes === 0 ? batchNorm(options) : conditionalBatchNorm({ ...options, classes, start });
  };
}

/**
 * A residual block that doubles the side: norm, ReLU, nearest neighbours x 2, conv 3x3, norm, ReLU, conv 3x3, plus nearest neighbours
 * x 2 and conv 1x1.
 * Shape: x `[B, H, W, inputs]` to `[B, 2 H, 2 W, outputs]`.
 * Source: brain-research/self-attention-gan, `generator.py`; Miyato and Koyama 2018, arXiv 1802.05637, figure 14.
 * Differs from source: the 1x1 convolution comes before the doubling, and the first 3x3 one does it itself, which gives the same for
 * less work.
 */
function upBlock(inputs: number, outputs: number, norm: (width: number) => MapLayer) {
  const parts = {
    firstNorm: norm(inputs),
    first: convolution({ inputs, outputs, kernel: 3, resize: "double-before" }),
    secondNorm: norm(outputs),
    second: convolution({ inputs: outputs, outputs, kernel: 3 }),
    skip: linear({ inputs, outputs }),
  };
  return compose(parts, (part, x: tf.Tensor4D): tf.Tensor4D => {
    const wide = part.first(tf.relu(part.firstNorm(x)));
    return tf.add(part.second(tf.relu(part.secondNorm(wide))), upsample(part.skip(x)));
  });
}

/**
 * SAGAN's generator: z becomes a 4x4 map, residual blocks double it, attention follows some of them; then a norm, ReLU, conv 3x3 and tanh.
 *
 * Shapes: z `[B, latentSize]` to images `[B, H, W, C]` in [-1, 1]; with classes the context carries the labels `[B]`.
 * Source: Zhang et al. 2019, arXiv 1805.08318; brain-research/self-attention-gan, `generator.py`.
 */
export function createGenerator({ channels, classes, generator }: SaganConfig, mixer: MixerPart) {
  const { widths, latentSize, heads, attentionAt } = generator;
  const { epsilon, finalDecay: decay, sampling } = generator.norm;
  const [narrowest = 0, last = 0] = [widths[0], widths.at(-1)];
  const norm = blockNorm(generator.norm, classes);
  const blocks = widths.slice(1).map((outputs, index): MapLayer => upBlock(widths[index] ?? 0, outputs, norm));
  const attention = (index: number, side: number) =>
    attentionStep(mixer, { channels: widths[index + 1] ?? 0, heads, side });
  const parts = {
    start: linear({ inputs: latentSize, outputs: 16 * narrowest }),
    blocks: stack(withAttention(blocks, generatorSides(generator), attentionAt, attention)),
    norm: batchNorm({ width: last, epsilon, decay, sampling }),
    output: convolution({ inputs: last, outputs: channels, kernel: 3 }),
  };
  return compose(parts, (part, z: tf.Tensor2D): tf.Tensor4D => {
    expectShape(z, ["B", latentSize], "sagan generator input");
    const drawn = part.blocks(tf.reshape(part.start(z), [-1, 4, 4, narrowest]));
    return tf.tanh(part.output(tf.relu(part.norm(drawn))));
  });
}

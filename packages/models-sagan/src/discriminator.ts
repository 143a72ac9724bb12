import type { Key, MixerPart } from "@ganymede/core";
import { expectShape } from "@ganymede/core";
import { compose, linear, projectionHead, residualDownBlock, stack } from "@ganymede/core/nn";
import * as tf from "@tensorflow/tfjs-core";
import type { MapLayer } from "./attention-step.js";
import { attentionStep } from "./attention-step.js";
import type { SaganConfig } from "./config.js";
import { discriminatorSides, withAttention } from "./config.js";

/** Class vectors start as the rows of a linear map. */
const asLinear = (key: Key, [inputs, outputs]: readonly [number, number]) =>
  linear({ inputs, outputs, bias: false }).init(key).weight;

/**
 * SAGAN's discriminator: residual blocks halve the image, attention follows some of them; h is the sum over all pixels after ReLU, and the
 * logit of class c is h w + b + <h, e_c> (the projection), without classes h w + b.
 *
 * Shapes: images `[B, H, W, C]` in [-1, 1] to logits `[B]`; with classes the context carries the labels `[B]`.
 * Source: Zhang et al. 2019, arXiv 1805.08318; brain-research/self-attention-gan, `discriminator.py`; the projection from Miyato and
 * Koyama 2018, arXiv 1802.05637, section 3.
 */
export function createDiscriminator({ imageSize, channels, classes, discriminator }: SaganConfig, mixer: MixerPart) {
  const { widths, halvings, heads, skip, attentionAt } = discriminator;
  const blocks = widths.map((outputs, index): MapLayer => {
    const sizes = { inputs: widths[index - 1] ?? channels, outputs, halves: index < halvings, entry: index === 0 };
    return residualDownBlock({ ...sizes, activatedSkip: skip === "activated" });
  });
  const attention = (index: number, side: number) =>
    attentionStep(mixer, { channels: widths[index] ?? 0, heads, side });
  const parts = {
    blocks: stack(withAttention(blocks, discriminatorSides(discriminator, imageSize), attentionAt, attention)),
    head: projectionHead({ inputs: widths.at(-1) ?? 0, classes, start: asLinear }),
  };
  return compose(parts, (part, images: tf.Tensor4D): tf.Tensor1D => {
    expectShape(images, ["B", imageSize, imageSize, channels], "sagan discriminator input");
    return tf.reshape(part.head(tf.sum(tf.relu(part.blocks(images)), [1, 2])), [-1]);
  });
}

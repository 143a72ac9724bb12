import type { Context, MixerPart } from "@ganymede/core";
import { defineLayer, expectShape, fold } from "@ganymede/core";
import { classVectors, contextAt, linear, residualDownBlock } from "@ganymede/core/nn";
import * as tf from "@tensorflow/tfjs-core";
import type { MapLayer } from "./attention-step.js";
import { attentionStep } from "./attention-step.js";
import type { SaganConfig } from "./config.js";
import { discriminatorSides } from "./sides.js";

/** The blocks in their order, attention behind those that it follows. */
function stepsOf({ channels, imageSize, discriminator }: SaganConfig, variant: MixerPart, places: readonly number[]) {
  const { widths, halvings, heads, skip } = discriminator;
  const sides = discriminatorSides(discriminator, imageSize);
  return widths.flatMap((outputs, index): MapLayer[] => {
    const block = residualDownBlock({
      inputs: widths[index - 1] ?? channels,
      outputs,
      halves: index < halvings,
      entry: index === 0,
      activatedSkip: skip === "activated",
    }) as MapLayer;
    if (!places.includes(index)) return [block];
    return [block, attentionStep(variant, { channels: outputs, heads, side: sides[index] as number })];
  });
}

/** <h, embedding[c]> of features `[B, D]` and labels `[B]`: `[B, 1]`. */
function projection(h: tf.Tensor2D, embedding: tf.Tensor2D, context: Context): tf.Tensor2D {
  return tf.sum(tf.mul(h, classVectors(embedding, context, "sagan discriminator")), 1, true);
}

/**
 * SAGAN's discriminator: residual blocks halve the image, attention stands behind some of them; h is the sum over all pixels after
 * ReLU, and the logit of class c is h w + b + <h, embedding[c]> (the projection), without classes h w + b.
 *
 * Shapes: images `[B, H, W, C]` in [-1, 1] to logits `[B]`; the context carries the labels `[B]` where there are classes.
 * Source: Zhang et al. 2019, arXiv 1805.08318; brain-research/self-attention-gan, `discriminator.py`; the projection from Miyato and
 * Koyama 2018, arXiv 1802.05637, section 3.
 *
 * @param places blocks, from 0, behind which the attention stands.
 */
export function createDiscriminator(config: SaganConfig, variant: MixerPart, places: readonly number[]) {
  const { imageSize, channels, classes, discriminator } = config;
  const width = discriminator.widths.at(-1) as number;
  const steps = stepsOf(config, variant, places);
  const head = linear({ inputs: width, outputs: 1 });
  const table = linear({ inputs: classes === 0 ? 1 : classes, outputs: width, bias: false });
  return defineLayer({
    init: (key) => ({
      blocks: steps.map((step, index) => step.init(fold(fold(key, "blocks"), index))),
      head: head.init(fold(key, "head")),
      ...(classes === 0 ? {} : { embedding: table.init(fold(key, "embedding")) }),
    }),
    apply(params, images: tf.Tensor4D, context: Context): tf.Tensor1D {
      expectShape(images, ["B", imageSize, imageSize, channels], "sagan discriminator input");
      const map = steps.reduce(
        (x, step, index) => step.apply(params.blocks[index] ?? {}, x, contextAt(context, index)),
        images,
      );
      const h = tf.sum(tf.relu(map), [1, 2]) as tf.Tensor2D; // [B, D]
      const plain = head.apply(params.head, h, context);
      const logits =
        params.embedding === undefined ? plain : tf.add(plain, projection(h, params.embedding.weight, context));
      return tf.reshape(logits, [-1]);
    },
  });
}

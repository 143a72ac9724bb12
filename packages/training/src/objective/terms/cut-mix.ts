import type { Component, DiscriminatorTerm, Key, Scheduled, TermInputs } from "@ganymede/core";
import { defineComponent, fold, uniform } from "@ganymede/core";
import { real, record, scheduled, whole } from "@ganymede/core/config";
import { mix } from "@ganymede/core/nn";
import * as tf from "@tensorflow/tfjs-core";
import { times } from "../../optim/times.js";
import type { PixelLogits } from "../capabilities.js";

/** 1 in [low, high), else 0: `[B, side]`. */
function between(low: tf.Tensor1D, high: tf.Tensor1D, side: number): tf.Tensor2D {
  const at = tf.reshape(tf.range(0, side, 1, "float32"), [1, side]);
  const from = tf.cast(tf.greaterEqual(at, tf.expandDims(low, 1)), "float32");
  return tf.mul(from, tf.cast(tf.less(at, tf.expandDims(high, 1)), "float32"));
}

/**
 * Masks `[B, H, W, 1]` of 1 and 0: outside and inside of a box of floor(side * sqrt(1 - r)), r ~ U(0, 1), around a uniform centre and
 * clipped at the borders; inside and outside are swapped with probability 1/2.
 *
 * Source: Yun et al. 2019, CutMix, arXiv 1905.04899, equation 2; the swap as in Schönfeld et al. 2020, arXiv 2002.12655.
 */
export function cutMixMasks(key: Key, [batch, height, width]: readonly [number, number, number]): tf.Tensor4D {
  const draw = (name: string) => uniform<tf.Rank.R1>(fold(key, name), [batch]);
  const share = tf.sqrt(tf.sub(1, draw("area")));
  const span = (side: number, name: string): tf.Tensor2D => {
    const half = tf.div(tf.floor(tf.mul(share, side)), 2);
    const centre = tf.floor(tf.mul(draw(name), side));
    return between(tf.floor(tf.sub(centre, half)) as tf.Tensor1D, tf.floor(tf.add(centre, half)) as tf.Tensor1D, side);
  };
  const rows = tf.reshape(span(height, "row"), [batch, height, 1, 1]);
  const box = tf.mul(rows, tf.reshape(span(width, "column"), [batch, 1, width, 1]));
  const swapped = tf.reshape(tf.cast(tf.less(draw("swap"), 0.5), "float32"), [batch, 1, 1, 1]);
  return tf.abs(tf.sub(tf.sub(1, box), swapped));
}

/** Logits of real, generated and mixed images. */
export interface MixedLogits {
  readonly real: PixelLogits;
  readonly fake: PixelLogits;
  readonly mixed: PixelLogits;
  /** 1 where the mixed image shows the real one. */
  readonly mask: tf.Tensor4D;
}

/** mean of -[m log s(x) + (1 - m) log(1 - s(x))] = mean softplus(x) - m x. */
function crossEntropy(logits: tf.Tensor, target: tf.Tensor | number): tf.Scalar {
  return tf.mean(tf.sub(tf.softplus(logits), tf.mul(logits, target)));
}

/** The three terms on mixed images: pixel labels follow the mask, the image is fake, and mixing commutes with the discriminator. */
export function cutMixTerms({ real, fake, mixed, mask }: MixedLogits): {
  readonly pixels: tf.Scalar;
  readonly image: tf.Scalar;
  readonly consistency: tf.Scalar;
} {
  return {
    pixels: crossEntropy(mixed.pixels, mask),
    image: crossEntropy(mixed.image, 0),
    consistency: tf.mean(tf.square(tf.sub(mixed.pixels, mix(mask, real.pixels, fake.pixels)))),
  };
}

/** pixels + image + weight * consistency, summed as in the authors' code. */
export function cutMixLoss(logits: MixedLogits, consistencyWeight: number): tf.Scalar {
  const { pixels, image, consistency } = cutMixTerms(logits);
  return tf.add(tf.add(pixels, image), tf.mul(consistency, consistencyWeight));
}

export interface CutMixSettings {
  readonly weight: Scheduled;
  /** Weight of the consistency between mixed logits and logits of mixed images. */
  readonly consistency: number;
  readonly every: number;
}

const amount = real({ least: 0 });

const component: Component<CutMixSettings, TermInputs, DiscriminatorTerm> = {
  id: "cut-mix",
  source: "https://arxiv.org/abs/2002.12655",
  defaults: { weight: 1, consistency: 1, every: 1 },
  settings: record({ weight: scheduled(amount), consistency: amount, every: whole(1) }),
  create({ weight, consistency, every }, { schedule, model, where }) {
    const weights = schedule(weight, `${where}: weight`, amount);
    return {
      every,
      needs: ["pixelLogits"],
      answers: "pixelLogits",
      apply({ real: up, fake: down, answers, judgeBy, key, progress }) {
        const [batch, height, width] = up.images.shape;
        const mask = cutMixMasks(key, [batch, height, width]);
        const network = model.pixelLogits as NonNullable<typeof model.pixelLogits>;
        const images = mix(mask, up.images, down.images);
        const mixed = judgeBy(network, { ...up, images, draw: "mixed" });
        const sides = { real: answers("pixelLogits", "real"), fake: answers("pixelLogits", "fake") };
        return { value: times(cutMixLoss({ ...sides, mixed, mask }, consistency), weights.at(progress)) };
      },
    };
  },
};

/**
 * CutMix regularisation of a discriminator with pixel logits, on images mixed from real and generated boxes: pixel labels follow the
 * mask, the image is fake, and mixing commutes with the discriminator.
 *
 * Source: Schönfeld, Schiele and Khoreva 2020, U-Net GAN, arXiv 2002.12655, section 3.2.
 */
export const cutMix = defineComponent(component);

import { expectShape, uniform } from "@ganymede/core";
import {
  activated,
  blurDown,
  classEmbedding,
  compose,
  equalizedConvolution,
  equalizedLinear,
  learned,
  minibatchStdDev,
  residualHalving,
  scaledLeakyRelu,
} from "@ganymede/core/nn";
import * as tf from "@tensorflow/tfjs-core";
import { aggregatorHead, aggregatorLayer } from "./aggregators.js";
import type { DiscriminatorConfig } from "./config.js";
import { channelsAt, sidesTo } from "./config.js";

/**
 * StyleGAN2's discriminator, with aggregators that read the image at every resolution if the config has them.
 *
 * Shape: images `[B, H, W, C]` in [-1, 1] to logits `[B]`. With classes the head has a logit for each, and the context's labels choose.
 * Source: Karras et al. 2020, StyleGAN2, arXiv 1912.04958, figure 7; Hudson and Zitnick 2021, arXiv 2103.01209, section 3.3.
 */
export function createDiscriminator(
  imageShape: readonly [number, number, number],
  config: DiscriminatorConfig,
  classes = 0,
) {
  const { architecture, blurTaps: taps, minibatchStdDev: stdDev, attention } = config;
  const [imageSize, , channels] = imageShape;
  const sides = sidesTo(imageSize).reverse();
  const halvings = sides.slice(0, -1).map((side) => ({
    inputs: channelsAt(config, side),
    outputs: channelsAt(config, side / 2),
  }));
  const widest = channelsAt(config, 4);
  const entry = (outputs: number) =>
    activated(equalizedConvolution({ inputs: channels, outputs, kernel: 1, gain: Math.SQRT2 }), (x) =>
      tf.leakyRelu(x, 0.2),
    );
  const inputs = widest + stdDev.features;
  const aggregators = attention.kind === "none" ? undefined : attention;
  const table = ({ count, width }: { count: number; width: number }) =>
    learned((key) => uniform<tf.Rank.R2>(key, [count, width], 0, 1));
  const parts = {
    entry: entry(channelsAt(config, imageSize)),
    blocks: halvings.map((sizes) => residualHalving({ ...sizes, taps, shortcut: architecture === "residual" })),
    /** Of the halved images, in the skip architecture. */
    entries: architecture === "skip" ? halvings.map(({ outputs }) => entry(outputs)) : undefined,
    aggregators: aggregators && table(aggregators),
    positions: aggregators && table(aggregators),
    readers: aggregators && sides.map((side) => aggregatorLayer(aggregators, side, channelsAt(config, side))),
    aggregatorHead: aggregators && aggregatorHead(aggregators, stdDev.groupSize),
    exit: activated(equalizedConvolution({ inputs, outputs: widest, kernel: 3 }), scaledLeakyRelu),
    hidden: activated(equalizedLinear({ inputs: 16 * widest, outputs: widest }), scaledLeakyRelu),
    head: equalizedLinear({ inputs: widest + (aggregators?.count ?? 0), outputs: Math.max(classes, 1) }),
  };
  return compose(parts, (part, images: tf.Tensor4D, context): tf.Tensor1D => {
    expectShape(images, ["B", ...imageShape], "gansformer discriminator input");
    const [batch] = images.shape;
    const { positions } = part;
    let read =
      part.aggregators &&
      tf.broadcastTo<tf.Rank.R3>(tf.expandDims(part.aggregators), [batch, ...part.aggregators.shape]);
    const pass = (index: number, x: tf.Tensor4D): tf.Tensor4D => {
      const reader = part.readers?.[index];
      if (reader === undefined || read === undefined || positions === undefined) return x;
      const changed = reader({ x, aggregators: read, positions });
      read = changed.aggregators;
      return changed.x;
    };
    let image = images;
    let x = pass(0, part.entry(images));
    for (const [index, block] of part.blocks.entries()) {
      x = block(x);
      const enter = part.entries?.[index];
      if (enter !== undefined) {
        image = blurDown(image, taps);
        x = tf.add(x, enter(image));
      }
      x = pass(index + 1, x);
    }
    const last = part.exit(minibatchStdDev(x, stdDev));
    const features = part.hidden(tf.reshape(last, [batch, 16 * widest])) as tf.Tensor2D;
    const verdicts = read && part.aggregatorHead?.(read);
    const logits = part.head(verdicts === undefined ? features : tf.concat2d([features, verdicts], 1)); // [B, classes or 1]
    if (classes === 0) return tf.reshape(logits, [batch]);
    const chosen = classEmbedding(tf.eye(classes), context, "gansformer discriminator"); // [B, classes], 1 at the image's class
    return tf.sum(tf.mul(logits, chosen), 1);
  });
}

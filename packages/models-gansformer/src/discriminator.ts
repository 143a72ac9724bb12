import type { Context } from "@ganymede/core";
import { defineLayer, expectShape, fold, inference, uniform } from "@ganymede/core";
import type { LinearParams } from "@ganymede/core/nn";
import {
  blurDown,
  classVectors,
  contextAt,
  equalizedConvolution,
  equalizedLinear,
  minibatchStdDev,
  residualHalving,
  scaledLeakyRelu,
} from "@ganymede/core/nn";
import * as tf from "@tensorflow/tfjs-core";
import type { AggregatorParams } from "./aggregators.js";
import { aggregatorLayer } from "./aggregators.js";
import type { AggregatorConfig, DiscriminatorConfig } from "./config.js";
import { channelsAt } from "./synthesis-block.js";

type ReaderParams = {
  readonly start: tf.Tensor2D;
  readonly positions: tf.Tensor2D;
  readonly layers: readonly AggregatorParams[];
  readonly hidden: LinearParams;
  readonly head: LinearParams;
};

/** The aggregators of all resolutions and the numbers that they end in, one each. */
function createReaders(
  config: AggregatorConfig,
  sides: readonly number[],
  widths: readonly number[],
  groupSize: number,
) {
  const { count, width } = config;
  const layers = sides.map((side, index) => aggregatorLayer(config, side, widths[index] as number));
  const hidden = equalizedLinear({ inputs: width + 1, outputs: width });
  const head = equalizedLinear({ inputs: width, outputs: 1 });
  return {
    layers,
    init: (key: Parameters<typeof hidden.init>[0]): ReaderParams => ({
      start: uniform(fold(key, "start"), [count, width], 0, 1),
      positions: uniform(fold(key, "positions"), [count, width], 0, 1),
      layers: layers.map((layer, index) => layer.init(fold(fold(key, "layers"), index))),
      hidden: hidden.init(fold(key, "hidden")),
      head: head.init(fold(key, "head")),
    }),
    /** `[B, count]`. */
    judge(params: ReaderParams, aggregators: tf.Tensor3D): tf.Tensor2D {
      const [batch] = aggregators.shape;
      const apart = tf.reshape(aggregators, [batch, count, 1, width]) as tf.Tensor4D;
      const compared = tf.reshape(minibatchStdDev(apart, { groupSize }), [batch, count, width + 1]) as tf.Tensor3D;
      const judged = head.apply(
        params.head,
        scaledLeakyRelu(hidden.apply(params.hidden, compared, inference)),
        inference,
      );
      return tf.reshape(judged, [batch, count]);
    },
  };
}

/**
 * StyleGAN2's discriminator, with aggregators that read the image at every resolution where the config asks for them.
 *
 * Shapes: images `[B, H, W, C]` in [-1, 1] to logits `[B]`. With classes there is a logit for each, and the context's labels choose.
 * Source: Karras et al. 2020, StyleGAN2, arXiv 1912.04958, figure 7; Hudson and Zitnick 2021, arXiv 2103.01209, section 3.3.
 */
export function createDiscriminator(
  imageShape: readonly [number, number, number],
  config: DiscriminatorConfig,
  classes = 0,
) {
  const { architecture, blurTaps: taps, minibatchStdDev: stdDev, attention } = config;
  const [imageSize, , imageChannels] = imageShape;
  const sides = Array.from({ length: Math.log2(imageSize / 4) + 1 }, (_, index) => imageSize / 2 ** index); // .., 8, 4
  const widths = sides.map((side) => channelsAt(config, side));
  const widest = widths.at(-1) as number;
  const entries = (architecture === "skip" ? widths : widths.slice(0, 1)).map((outputs) =>
    equalizedConvolution({ inputs: imageChannels, outputs, kernel: 1, gain: Math.SQRT2 }),
  );
  const blocks = widths
    .slice(1)
    .map((outputs, index) =>
      residualHalving({ inputs: widths[index] as number, outputs, taps, shortcut: architecture === "residual" }),
    );
  const readers = attention.kind === "none" ? undefined : createReaders(attention, sides, widths, stdDev.groupSize);
  const exit = equalizedConvolution({ inputs: widest + stdDev.features, outputs: widest, kernel: 3 });
  const hidden = equalizedLinear({ inputs: 16 * widest, outputs: widest });
  const judges = attention.kind === "none" ? 0 : attention.count;
  const head = equalizedLinear({ inputs: widest + judges, outputs: Math.max(classes, 1) });
  return defineLayer({
    init: (key) => ({
      entries: entries.map((entry, index) => entry.init(fold(fold(key, "entries"), index))),
      blocks: blocks.map((block, index) => block.init(fold(fold(key, "blocks"), index))),
      ...(readers === undefined ? {} : { readers: readers.init(fold(key, "readers")) }),
      exit: exit.init(fold(key, "exit")),
      hidden: hidden.init(fold(key, "hidden")),
      head: head.init(fold(key, "head")),
    }),
    apply(params, images: tf.Tensor4D, context: Context): tf.Tensor1D {
      expectShape(images, ["B", ...imageShape], "gansformer discriminator input");
      const [batch] = images.shape;
      const own = params.readers;
      let aggregators = own === undefined ? undefined : broadcast(own.start, batch);
      let image = images;
      let x: tf.Tensor4D | undefined;
      for (const [index, side] of sides.entries()) {
        const entry = entries[index];
        const seen =
          entry === undefined
            ? undefined
            : tf.leakyRelu(entry.apply(params.entries[index] as never, image, context), 0.2);
        x = x === undefined || seen === undefined ? (x ?? (seen as tf.Tensor4D)) : tf.add(x, seen);
        if (readers !== undefined && own !== undefined && aggregators !== undefined) {
          const read = readers.layers[index] as (typeof readers.layers)[number];
          const input = { x, aggregators, positions: own.positions };
          ({ x, aggregators } = read.apply(own.layers[index] as AggregatorParams, input, contextAt(context, index)));
        }
        if (side === 4) break;
        x = (blocks[index] as (typeof blocks)[number]).apply(params.blocks[index] as never, x, context);
        if (architecture === "skip") image = blurDown(image, taps);
      }
      const last = scaledLeakyRelu(exit.apply(params.exit, minibatchStdDev(x as tf.Tensor4D, stdDev), context));
      const judged = scaledLeakyRelu(
        hidden.apply(params.hidden, tf.reshape(last, [batch, 16 * widest]) as tf.Tensor2D, context),
      );
      const all =
        readers === undefined || own === undefined || aggregators === undefined
          ? judged
          : tf.concat2d([judged, readers.judge(own, aggregators)], 1);
      const logits = head.apply(params.head, all, context); // [B, classes or 1]
      return classes === 0 ? tf.reshape(logits, [batch]) : ownLogits(logits, context);
    },
  });
}

/** Of the logits `[B, classes]` those of the images' own classes, `[B]`. */
function ownLogits(logits: tf.Tensor2D, context: Context): tf.Tensor1D {
  const classes = logits.shape[1];
  const chosen = classVectors(tf.eye(classes), context, "gansformer discriminator"); // [B, classes], 1 at the own class
  return tf.sum(tf.mul(logits, chosen), 1);
}

/** Rows `[N, D]` for each sample, `[B, N, D]`. */
function broadcast(rows: tf.Tensor2D, batch: number): tf.Tensor3D {
  return tf.broadcastTo(tf.expandDims(rows), [batch, ...rows.shape]) as tf.Tensor3D;
}

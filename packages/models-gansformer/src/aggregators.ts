import { simplex } from "@ganymede/attention";
import { compose, equalizedLinear, minibatchStdDev, scaledLeakyRelu, sinusoidalGrid } from "@ganymede/core/nn";
import * as tf from "@tensorflow/tfjs-core";
import type { BipartiteLayer } from "./components-layer.js";
import type { AggregatorConfig } from "./config.js";

/** A map and the aggregators that read it. */
export interface AggregatedMap {
  /** `[B, side, side, C]`. */
  readonly x: tf.Tensor4D;
  /** `[B, count, width]`. */
  readonly aggregators: tf.Tensor3D;
}

/**
 * Aggregators read a map: they attend to each other with `between`, then to its pixels, and its pixels to them with `back`. The input also
 * has the aggregators' positions, `[count, width]`.
 *
 * Source: Hudson and Zitnick 2021, GANsformer, arXiv 2103.01209, section 3.3; dorarad/gansformer, TensorFlow side.
 * Differs from source: the aggregators' own positions are a table of their own.
 */
export function aggregatorLayer(config: AggregatorConfig, side: number, channels: number) {
  const { width, heads, integration, norm, dropout, between, back } = config;
  const attention = (channels: number, memoryChannels: number): BipartiteLayer =>
    simplex({ integration, norm, dropout, positionWidth: width }).create({ channels, memoryChannels, heads });
  const parts = {
    between: between ? attention(width, width) : undefined,
    read: attention(width, channels),
    back: back ? attention(channels, width) : undefined,
  };
  type Input = AggregatedMap & { readonly positions: tf.Tensor2D };
  return compose(parts, (part, { x, aggregators: start, positions }: Input): AggregatedMap => {
    const tokens: tf.Tensor3D = tf.reshape(x, [x.shape[0], side * side, channels]);
    const pixels = sinusoidalGrid(side, width);
    const among = part.between?.({ x: start, memory: start, positions, memoryPositions: positions }) ?? start;
    const aggregators = part.read({ x: among, memory: tokens, positions, memoryPositions: pixels });
    const changed = part.back?.({ x: tokens, memory: aggregators, positions: pixels, memoryPositions: positions });
    return { x: changed === undefined ? x : tf.reshape(changed, x.shape), aggregators };
  });
}

/** A number of each aggregator, which sees how much they differ within a group of images: `[B, count, width]` to `[B, count]`. */
export function aggregatorHead({ count, width }: AggregatorConfig, groupSize: number) {
  const parts = {
    hidden: equalizedLinear({ inputs: width + 1, outputs: width }),
    head: equalizedLinear({ inputs: width, outputs: 1 }),
  };
  return compose(parts, (part, aggregators: tf.Tensor3D): tf.Tensor2D => {
    const compared = minibatchStdDev(tf.expandDims(aggregators, 2) as tf.Tensor4D, { groupSize });
    return tf.reshape(part.head(scaledLeakyRelu(part.hidden(compared))), [-1, count]);
  });
}

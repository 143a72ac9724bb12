import type { SimplexParams } from "@ganymede/attention";
import { simplex } from "@ganymede/attention";
import type { Context } from "@ganymede/core";
import { defineLayer, fold } from "@ganymede/core";
import { contextAt, sinusoidalGrid } from "@ganymede/core/nn";
import * as tf from "@tensorflow/tfjs-core";
import type { AggregatorConfig } from "./config.js";

/** A map and what reads it. */
export interface Observed {
  /** `[B, side, side, C]`. */
  readonly x: tf.Tensor4D;
  /** `[B, count, width]`. */
  readonly aggregators: tf.Tensor3D;
}

export interface ObservedInput extends Observed {
  /** `[count, width]`. */
  readonly positions: tf.Tensor2D;
}

export type AggregatorParams = {
  readonly read: SimplexParams;
  readonly between?: SimplexParams;
  readonly back?: SimplexParams;
};

/**
 * Aggregators read a map: they attend to each other where asked for, then to its pixels, and its pixels to them where asked for.
 *
 * Source: Hudson and Zitnick 2021, GANsformer, arXiv 2103.01209, section 3.3; dorarad/gansformer, TensorFlow side.
 * Differs from source: the aggregators' own positions are a table of their own.
 */
export function aggregatorLayer(config: AggregatorConfig, side: number, channels: number) {
  const { width, heads, integration, norm, dropout, between, back } = config;
  const attention = simplex({ integration, norm, dropout, positionWidth: width });
  const read = attention.create({ channels: width, memoryChannels: channels, heads });
  const among = between ? attention.create({ channels: width, heads }) : undefined;
  const returned = back ? attention.create({ channels, memoryChannels: width, heads }) : undefined;
  return defineLayer<AggregatorParams, ObservedInput, Observed>({
    init: (key) => ({
      read: read.init(fold(key, "read")),
      ...(among === undefined ? {} : { between: among.init(fold(key, "between")) }),
      ...(returned === undefined ? {} : { back: returned.init(fold(key, "back")) }),
    }),
    apply(params, { x, aggregators, positions }, context: Context) {
      const places = sinusoidalGrid(side, width);
      const tokens = tf.reshape(x, [x.shape[0], side * side, channels]) as tf.Tensor3D;
      let own = aggregators;
      if (among !== undefined && params.between !== undefined) {
        const input = { x: own, memory: own, positions, memoryPositions: positions };
        own = among.apply(params.between, input, contextAt(context, "between"));
      }
      const image = { x: own, memory: tokens, positions, memoryPositions: places };
      own = read.apply(params.read, image, contextAt(context, "read"));
      if (returned === undefined || params.back === undefined) return { x, aggregators: own };
      const input = { x: tokens, memory: own, positions: places, memoryPositions: positions };
      const changed = returned.apply(params.back, input, contextAt(context, "back"));
      return { x: tf.reshape(changed, x.shape), aggregators: own };
    },
  });
}

/**
 * A variant over maps as one over tokens: tokens become the pixels of the options' grid, row by row, and back. With it a model that
 * keeps lists of tokens can use any attention over maps.
 * Shapes: x [B, N, C] -> [B, N, C], N = rows columns.
 * Cost: the variant's; a change of shape moves nothing.
 * Source: our own.
 */
import type { AttentionOptions, Layer, MapAttentionPart, ParamTree } from "@ganymede/core";
import { defineAttention, defineLayer, expectShape } from "@ganymede/core";
import * as tf from "@tensorflow/tfjs-core";
import { gridOf } from "./logit-bias.js";

/** A layer over maps `[B, rows, columns, C]` as one over tokens. */
export function layerOnTokens<Params extends ParamTree>(
  layer: Layer<Params, tf.Tensor4D, tf.Tensor4D>,
  options: AttentionOptions,
  who: string,
) {
  const [rows, columns] = gridOf(options, who);
  return defineLayer<Params, tf.Tensor3D, tf.Tensor3D>({
    init: (key) => layer.init(key),
    apply(params, x, context) {
      expectShape(x, ["B", rows * columns, options.channels], `${who} input`);
      const map = tf.reshape(x, [x.shape[0], rows, columns, x.shape[2]]) as tf.Tensor4D;
      return tf.reshape(layer.apply(params, map, context), x.shape);
    },
  });
}

export const onTokens = <Params extends ParamTree = ParamTree>(
  variant: Omit<MapAttentionPart, "create"> & {
    create(options: AttentionOptions): Layer<Params, tf.Tensor4D, tf.Tensor4D>;
  },
) =>
  defineAttention({
    id: variant.id,
    source: variant.source,
    defaults: {},
    create: (_, options) => layerOnTokens(variant.create(options), options, `onTokens(${variant.id})`),
  })();

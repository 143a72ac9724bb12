import type { Context, Key } from "@ganymede/core";
import { fold, GanymedeError } from "@ganymede/core";
import type { LinearFactory, LinearParams } from "@ganymede/core/nn";
import { mergeHeads, observeWeights, splitHeads } from "@ganymede/core/nn";
import * as tf from "@tensorflow/tfjs-core";

export type SaganParams = {
  readonly query: LinearParams;
  readonly keys: LinearParams;
  readonly value: LinearParams;
  readonly output?: LinearParams;
};

export interface SaganWidths {
  readonly channels: number;
  readonly heads: number;
  /** Of queries and keys, all heads together. */
  readonly keyChannels: number;
  readonly valueChannels: number;
  readonly bias: boolean;
  /** Whether a last 1x1 convolution maps the values back to the channels. */
  readonly mapsBack: boolean;
}

/** The 1x1 convolutions of SAGAN's attention, which are linear maps of pixels. */
export function saganBlock(
  { channels, heads, keyChannels, valueChannels, bias, mapsBack }: SaganWidths,
  linear: LinearFactory,
  who: string,
) {
  if (!(Number.isInteger(keyChannels / heads) && keyChannels > 0 && Number.isInteger(valueChannels / heads))) {
    throw new GanymedeError(
      "invalid-argument",
      `${who}: heads must divide ${channels} channels' keys and values, got ${heads} and ${keyChannels} and ${valueChannels}; choose one head or more channels`,
    );
  }
  const read = linear({ inputs: channels, outputs: keyChannels, bias });
  const value = linear({ inputs: channels, outputs: valueChannels, bias });
  const output = linear({ inputs: valueChannels, outputs: channels, bias });
  const tokens = (map: tf.Tensor4D): tf.Tensor4D =>
    splitHeads(tf.reshape(map, [map.shape[0], map.shape[1] * map.shape[2], map.shape[3]]), heads);
  return {
    init: (key: Key): SaganParams => ({
      query: read.init(fold(key, "query")),
      keys: read.init(fold(key, "keys")),
      value: value.init(fold(key, "value")),
      ...(mapsBack ? { output: output.init(fold(key, "output")) } : {}),
    }),
    /** softmax(q k^T) v, not scaled, as pixels of x's map; keys and values may come from a smaller map. */
    apply(params: SaganParams, x: tf.Tensor4D, pool: (map: tf.Tensor4D) => tf.Tensor4D, context: Context) {
      const [batch, height, width] = x.shape;
      const q = tokens(read.apply(params.query, x, context)); // [B, heads, N, key channels / heads]
      const keys = pool(read.apply(params.keys, x, context));
      const k = tokens(keys); // [B, heads, M, ..]
      const v = tokens(pool(value.apply(params.value, x, context))); // [B, heads, M, value channels / heads]
      const weights = tf.softmax(tf.matMul(q, k, false, true) as tf.Tensor4D); // [B, heads, N, M]
      observeWeights(context, weights, { queryGrid: [height, width], keyGrid: [keys.shape[1], keys.shape[2]] });
      const attended = mergeHeads(tf.matMul(weights, v) as tf.Tensor4D); // [B, N, value channels]
      const mapped = params.output === undefined ? attended : output.apply(params.output, attended, context); // [B, N, C]
      const y = tf.reshape(mapped, [batch, height, width, channels]) as tf.Tensor4D;
      return { y, weights };
    },
  };
}

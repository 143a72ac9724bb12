import { expectShape, GanymedeError } from "@ganymede/core";
import type { LinearFactory } from "@ganymede/core/nn";
import { compose, mergeHeads, observeWeights, splitHeads } from "@ganymede/core/nn";
import * as tf from "@tensorflow/tfjs-core";

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

/**
 * SAGAN's attention, softmax(q k^T) v, not scaled, by 1x1 convolutions, which are linear maps of pixels; keys and values may come from a
 * smaller map, that of `pool`. Shape: x [B, H, W, C] to the same.
 */
export function saganBlock(
  { channels, heads, keyChannels, valueChannels, bias, mapsBack }: SaganWidths,
  linear: LinearFactory,
  who: string,
  pool: (map: tf.Tensor4D) => tf.Tensor4D = (map) => map,
) {
  if (!(Number.isInteger(keyChannels / heads) && keyChannels > 0 && Number.isInteger(valueChannels / heads))) {
    throw new GanymedeError(
      "invalid-argument",
      `${who}: heads must divide ${channels} channels' keys and values, got ${heads} and ${keyChannels} and ${valueChannels}; choose one head or more channels`,
    );
  }
  const read = linear({ inputs: channels, outputs: keyChannels, bias });
  const parts = {
    query: read,
    keys: read,
    value: linear({ inputs: channels, outputs: valueChannels, bias }),
    output: mapsBack ? linear({ inputs: valueChannels, outputs: channels, bias }) : undefined,
  };
  const tokens = (map: tf.Tensor4D): tf.Tensor4D =>
    splitHeads(tf.reshape(map, [map.shape[0], map.shape[1] * map.shape[2], map.shape[3]]), heads);
  return compose(parts, (part, x: tf.Tensor4D, context): tf.Tensor4D => {
    expectShape(x, ["B", "H", "W", channels], `${who} input`);
    const [, height, width] = x.shape;
    const q = tokens(part.query(x)); // [B, heads, N, key channels / heads]
    const keys = pool(part.keys(x));
    const k = tokens(keys); // [B, heads, M, ..]
    const v = tokens(pool(part.value(x))); // [B, heads, M, value channels / heads]
    const weights: tf.Tensor4D = tf.softmax(tf.matMul(q, k, false, true)); // [B, heads, N, M]
    observeWeights(context, weights, { queryGrid: [height, width], keyGrid: [keys.shape[1], keys.shape[2]] });
    const attended = mergeHeads(tf.matMul(weights, v)); // [B, N, value channels]
    return tf.reshape(part.output === undefined ? attended : part.output(attended), x.shape);
  });
}

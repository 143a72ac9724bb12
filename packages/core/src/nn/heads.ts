import * as tf from "@tensorflow/tfjs-core";
import type { AttentionOptions } from "../contracts/attention.js";
import { GanymedeError } from "../errors/ganymede-error.js";

/** Splits the channels into heads, contiguously: x `[B, N, C]` to `[B, heads, N, C / heads]`. */
export function splitHeads(x: tf.Tensor3D, heads: number): tf.Tensor4D {
  const [batch, tokens, channels] = x.shape;
  if (channels % heads !== 0) {
    throw new GanymedeError(
      "invalid-argument",
      `splitHeads: heads must divide channels, got ${heads} and ${channels}; choose a divisor of ${channels}`,
    );
  }
  return tf.transpose(tf.reshape(x, [batch, tokens, heads, channels / heads]), [0, 2, 1, 3]);
}

/**
 * Width of one head: `headWidth`, by default channels / heads.
 *
 * @throws GanymedeError `invalid-argument` if it is not an integer.
 */
export function headWidthOf(options: AttentionOptions, who: string): number {
  const { channels, heads, headWidth = channels / heads } = options;
  if (!(Number.isInteger(heads) && heads > 0 && Number.isInteger(headWidth) && headWidth > 0)) {
    throw new GanymedeError(
      "invalid-argument",
      `${who}: heads must divide channels, got ${heads} and ${channels}; choose a divisor of ${channels} or set headWidth`,
    );
  }
  return headWidth;
}

/** Undoes `splitHeads`: x `[B, heads, N, D]` to `[B, N, heads D]`. */
export function mergeHeads(x: tf.Tensor4D): tf.Tensor3D {
  const [batch, heads, tokens, width] = x.shape;
  return tf.reshape(tf.transpose(x, [0, 2, 1, 3]), [batch, tokens, heads * width]);
}

import { GanymedeError } from "@ganymede/core";
import * as tf from "@tensorflow/tfjs-core";

/** The argmax over [x R; -x R]: x [B, N, D], rotations [D, rounds, buckets / 2] -> buckets [B, rounds, N], int32. */
export function bucketsOf(x: tf.Tensor3D, rotations: tf.Tensor3D): tf.Tensor3D {
  const [batch, tokens, width] = x.shape;
  const [, rounds, half] = rotations.shape;
  const turned = tf.matMul(tf.reshape(x, [batch * tokens, width]), tf.reshape(rotations, [width, rounds * half]));
  const sides = tf.reshape(turned, [batch, tokens, rounds, half]);
  return tf.transpose<tf.Tensor3D>(tf.argMax(tf.concat([sides, tf.neg(sides)], 3), 3), [0, 2, 1]);
}

/** Where each token of each round goes in a stable sort by bucket, and back: [B, rounds, N] int32 each, within a round. */
export function sortByBucket(buckets: tf.Tensor3D) {
  const tokens = buckets.shape[2];
  // Whole numbers below 2^24 are exact in float32, and sorting is by value: bucket first, then place.
  const keys = tf.add(tf.mul(tf.cast(buckets, "float32"), tokens), tf.range(0, tokens));
  const order = tf.topk(tf.neg(keys), tokens).indices; // place -> token
  const back = tf.topk(tf.neg(tf.cast(order, "float32")), tokens).indices; // token -> place
  return { order: order as tf.Tensor3D, back: back as tf.Tensor3D };
}

/** Throws unless tokens fall into an even number of whole buckets, few enough to be sorted exactly. */
export function expectBuckets(tokens: number, size: number, who: string): void {
  if (tokens % (2 * size) !== 0 || tokens * (tokens / size) >= 2 ** 24) {
    throw new GanymedeError(
      "invalid-argument",
      `${who}: tokens must be a multiple of twice the bucket size ${size} and fewer than ${Math.floor(Math.sqrt(2 ** 24 * size))}, got ${tokens}; pad the tokens or choose another size`,
    );
  }
}

/** Rows of x [B, N, ..] at places [B, M], int32 -> [B, M, ..]: one gather over all samples together. */
export function gatherRows(x: tf.Tensor, places: tf.Tensor2D): tf.Tensor {
  const [batch, tokens, ...rest] = x.shape as [number, number, ...number[]];
  const first = tf.mul(tf.range(0, batch, 1, "int32"), tf.scalar(tokens, "int32"));
  const flat = tf.reshape(tf.add(places, tf.reshape(first, [batch, 1])), [-1]);
  const rows = tf.gather(tf.reshape(x, [batch * tokens, ...rest]), tf.cast(flat, "int32") as tf.Tensor1D);
  return tf.reshape(rows, [batch, places.shape[1], ...rest]);
}

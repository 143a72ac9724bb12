import * as tf from "@tensorflow/tfjs-core";
import { gatherRows, sortByBucket } from "./hashing.js";
import { unitLength } from "./unit-length.js";

export interface HashedSettings {
  /** Tokens in a bucket. */
  readonly bucketSize: number;
  /** Whether a token sees those of other buckets that share its chunk. Default: true. */
  readonly acrossBuckets?: boolean;
  /** Whether a pair that meets in several rounds counts as often. Default: true. */
  readonly duplicates?: boolean;
  /** Whether a token sees only those before it, and itself. Default: false. */
  readonly causal?: boolean;
  /** A token's logit for itself. Default: -5e4, so small that it counts only if there is no other token. */
  readonly selfLogit?: number;
}

/** The logit of what a mask hides, the least float32. */
const masked = -3.4028234663852886e38;

/** Each chunk with the one before it, the first with the last: [B, chunks, size, ..] -> [B, chunks, 2 size, ..]. */
function withPrevious(x: tf.Tensor): tf.Tensor {
  const chunks = x.shape[1] as number;
  const cut = (from: number, count: number) => tf.slice(x, [0, from], [-1, count]);
  const before = chunks === 1 ? x : tf.concat([cut(chunks - 1, 1), cut(0, chunks - 1)], 1);
  return tf.concat([x, before], 2);
}

const int = (value: number) => tf.scalar(value, "int32");

/** What masks know of each token: its bucket and its chunk in every round, [B, N, rounds] each, int32. */
interface Whereabouts {
  readonly buckets: tf.Tensor;
  readonly chunks: tf.Tensor;
}

/** Numbers of a round, [B, rounds, N], as a list for each token, with `step` added for every round before. */
function byToken(x: tf.Tensor, step: number): tf.Tensor {
  const first = tf.mul(tf.reshape(tf.range(0, x.shape[1] as number, 1, "int32"), [1, -1, 1]), int(step));
  return tf.transpose(tf.add(x, first), [0, 2, 1]);
}

/** Whether each visible pair shares a bucket and a chunk, or the chunk before, round by round: [B, chunks, size, 2 size, rounds]. */
function meetings(ids: tf.Tensor, others: tf.Tensor, { buckets, chunks }: Whereabouts, inBuckets: boolean): tf.Tensor {
  const [batch, count] = ids.shape as [number, number];
  const of = (x: tf.Tensor, tokens: tf.Tensor) =>
    tf.reshape(gatherRows(x, tf.reshape(tokens, [batch, -1])), [
      batch,
      count,
      tokens.shape[2] as number,
      x.shape[2] as number,
    ]);
  const mine = (x: tf.Tensor) => tf.expandDims(of(x, ids), 3);
  const theirs = (x: tf.Tensor) => tf.expandDims(of(x, others), 2);
  const before = tf.mod(tf.add(mine(chunks), int(count - 1)), int(count));
  const near = tf.add(
    tf.cast(tf.equal(mine(chunks), theirs(chunks)), "float32"),
    tf.cast(tf.equal(before, theirs(chunks)), "float32"),
  );
  return inBuckets ? tf.mul(near, tf.cast(tf.equal(mine(buckets), theirs(buckets)), "float32")) : near;
}

/** Buckets in the order of each round's sort, those of different rounds made different: [B, rounds, N]. */
function gatherRounds(buckets: tf.Tensor3D, order: tf.Tensor3D): tf.Tensor {
  const [batch, rounds, tokens] = buckets.shape;
  const places = tf.reshape(order, [batch * rounds, tokens]) as tf.Tensor2D;
  const sorted = gatherRows(tf.reshape(buckets, [batch * rounds, tokens]), places);
  const first = tf.mul(tf.reshape(tf.range(0, rounds, 1, "int32"), [1, rounds, 1]), int(tokens));
  return tf.add(tf.reshape(sorted, [batch, rounds, tokens]), first);
}

/**
 * Attention of tokens to those that hash alike: qk [B, N, D], v [B, N, E], buckets [B, rounds, N] (int32, a function of qk that has no
 * gradient) -> [B, N, E]. Each round sorts by bucket, cuts into chunks, and each chunk attends to itself and the one before; rounds
 * are weighed by their sums of exponentials.
 */
export function hashedAttention(
  qk: tf.Tensor3D,
  v: tf.Tensor3D,
  buckets: tf.Tensor3D,
  { bucketSize: size, acrossBuckets = true, duplicates = true, causal = false, selfLogit = -5e4 }: HashedSettings,
): tf.Tensor3D {
  const [batch, tokens, width] = qk.shape;
  const rounds = buckets.shape[1];
  const chunks = (rounds * tokens) / size;
  const { order, back } = sortByBucket(buckets);
  const sorted = tf.reshape(order, [batch, rounds * tokens]) as tf.Tensor2D;
  const inChunks = (x: tf.Tensor) => tf.reshape(x, [batch, chunks, size, ...x.shape.slice(2)]);
  const q = inChunks(gatherRows(qk, sorted)); // [B, chunks, size, D]
  const k = withPrevious(unitLength(q)); // [B, chunks, 2 size, D]
  const values = withPrevious(inChunks(gatherRows(v, sorted)));
  const ids = inChunks(sorted) as tf.Tensor; // [B, chunks, size]
  const others = withPrevious(ids); // [B, chunks, 2 size]
  let logits: tf.Tensor = tf.mul(tf.matMul(q, k, false, true), width ** -0.5); // [B, chunks, size, 2 size]
  const [mine, theirs] = [tf.expandDims(ids, 3), tf.expandDims(others, 2)];
  if (causal) logits = tf.where(tf.less(mine, theirs), tf.fill(logits.shape, masked), logits);
  logits = tf.where(tf.equal(mine, theirs), tf.fill(logits.shape, selfLogit), logits);
  if (!acrossBuckets) {
    const own = tf.reshape(gatherRounds(buckets, order), [batch, chunks, size]);
    const apart = tf.notEqual(tf.expandDims(own, 3), tf.expandDims(withPrevious(own), 2));
    logits = tf.where(apart, tf.fill(logits.shape, masked), logits);
  }
  if (!duplicates) {
    const inRound = tf.cast(tf.floorDiv(back, int(size)), "int32");
    const known = { buckets: byToken(buckets, tokens), chunks: byToken(inRound, tokens / size) };
    const count = tf.sum(meetings(ids, others, known, !acrossBuckets), 4);
    logits = tf.sub(logits, tf.log(tf.add(count, 1e-9)));
  }

  const largest = tf.max(logits, 3, true);
  const powers = tf.exp(tf.sub(logits, largest));
  const sums = tf.sum(powers, 3, true); // [B, chunks, size, 1]
  const mixed = tf.matMul(tf.div(powers, sums), values); // [B, chunks, size, D]
  const weights = tf.add(tf.log(sums), largest); // [B, chunks, size, 1], log of the sum of exponentials

  const offset = tf.mul(tf.reshape(tf.range(0, rounds, 1, "int32"), [1, rounds, 1]), tf.scalar(tokens, "int32"));
  const unsorted = tf.reshape(tf.add(back, offset), [batch, rounds * tokens]) as tf.Tensor2D;
  const restore = (x: tf.Tensor, depth: number) =>
    tf.reshape(gatherRows(tf.reshape(x, [batch, rounds * tokens, depth]), unsorted), [batch, rounds, tokens, depth]);
  const shares = tf.softmax(tf.transpose(restore(weights, 1), [0, 2, 3, 1])); // [B, N, 1, rounds]
  return tf.sum(tf.mul(restore(mixed, v.shape[2]), tf.transpose(shares, [0, 3, 1, 2])), 1);
}

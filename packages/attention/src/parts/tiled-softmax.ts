import { after } from "@ganymede/core/nn";
import * as tf from "@tensorflow/tfjs-core";

/** Most logits of one tile, 16 MB of them; about five such tensors exist at one time. */
const tileLogits = 2 ** 22;

/** What is attended to: keys `[B, H, M, D]`, values `[B, H, M, E]`, and a bias of each key `[B, H, 1, M]`. */
interface Memory {
  readonly k: tf.Tensor4D;
  readonly v: tf.Tensor4D;
  readonly bias: tf.Tensor4D;
}

function rows(x: tf.Tensor4D, first: number, count: number): tf.Tensor4D {
  const [batch, heads, , width] = x.shape;
  return tf.slice4d(x, [0, 0, first, 0], [batch, heads, count, width]);
}

function weights(q: tf.Tensor4D, k: tf.Tensor4D, bias: tf.Tensor4D): tf.Tensor4D {
  return tf.softmax(tf.add(tf.matMul(q, k, false, true), bias)) as tf.Tensor4D;
}

/** First rows of the tiles. */
function starts(count: number, tile: number): number[] {
  return Array.from({ length: Math.ceil(count / tile) }, (_, i) => i * tile);
}

function forward(q: tf.Tensor4D, { k, v, bias }: Memory, tile: number): tf.Tensor4D {
  const parts: tf.Tensor4D[] = [];
  for (const first of starts(q.shape[2], tile)) {
    // One tile after the other: two at a time would need twice the memory.
    const previous = parts.at(-1);
    const ordered = previous === undefined ? k : after(k, previous);
    const part = rows(q, first, Math.min(tile, q.shape[2] - first));
    parts.push(tf.matMul(weights(part, ordered, bias), v) as tf.Tensor4D);
  }
  return tf.concat4d(parts, 2);
}

interface Cotangents {
  readonly q: tf.Tensor4D;
  readonly k: tf.Tensor4D;
  readonly v: tf.Tensor4D;
  readonly bias: tf.Tensor4D;
}

/** Cotangents from one tile, whose weights P are computed again: dS = P (dP - sum_j dP P), dP = dY V^T. */
function tileCotangents(q: tf.Tensor4D, { k, v, bias }: Memory, dy: tf.Tensor4D): Cotangents {
  const p = weights(q, k, bias);
  const dp = tf.matMul(dy, v, false, true);
  const ds = tf.mul(p, tf.sub(dp, tf.sum(tf.mul(dp, p), 3, true))) as tf.Tensor4D;
  return {
    q: tf.matMul(ds, k) as tf.Tensor4D,
    k: tf.matMul(ds, q, true, false) as tf.Tensor4D,
    v: tf.matMul(p, dy, true, false) as tf.Tensor4D,
    bias: tf.sum(ds, 2, true) as tf.Tensor4D,
  };
}

function backward(q: tf.Tensor4D, memory: Memory, dy: tf.Tensor4D, tile: number): Cotangents {
  const queries: tf.Tensor4D[] = [];
  let sum: Omit<Cotangents, "q"> | undefined;
  for (const first of starts(q.shape[2], tile)) {
    const count = Math.min(tile, q.shape[2] - first);
    // All that the last tile gives must be there before this one begins, or its weights would have to wait in memory.
    const done = sum === undefined ? [dy] : [queries.at(-1) as tf.Tensor4D, sum.k, sum.v, sum.bias];
    const ordered = (x: tf.Tensor4D): tf.Tensor4D => done.reduce((late, value) => after(late, value), x);
    const now = { ...memory, k: ordered(memory.k), v: ordered(memory.v) };
    const part = tileCotangents(rows(q, first, count), now, rows(dy, first, count));
    queries.push(part.q);
    sum =
      sum === undefined
        ? part
        : { k: tf.add(sum.k, part.k), v: tf.add(sum.v, part.v), bias: tf.add(sum.bias, part.bias) };
  }
  return { q: tf.concat4d(queries, 2), ...(sum as Omit<Cotangents, "q">) };
}

/**
 * softmax_j(q_i.k_j + b_j) v, exactly, in tiles of queries. No more than one tile of logits exists at a time, and the backward pass
 * computes each tile again instead of keeping it, so memory grows with N + M instead of N M. The backward pass is made of
 * differentiable operations, so second derivatives are exact, too; theirs is the memory of the plain form.
 *
 * Shapes: q `[B, H, N, D]`, scaled as the logits are meant, k `[B, H, M, D]`, v `[B, H, M, E]`, b `[B, H, 1, M]`; y `[B, H, N, E]`.
 * Source: Rabe and Staats 2021, arXiv 2112.05682, for the idea; Dao et al. 2022, arXiv 2205.14135, section 3.1, for the backward pass.
 *
 * @param tile queries per tile; as many as make 16 MB of logits where left out.
 */
export function tiledSoftmaxProduct(
  q: tf.Tensor4D,
  k: tf.Tensor4D,
  v: tf.Tensor4D,
  bias: tf.Tensor4D,
  tile = Math.max(1, Math.floor(tileLogits / (k.shape[0] * k.shape[1] * k.shape[2]))),
): tf.Tensor4D {
  const attend = tf.customGrad((...args: (tf.Tensor | tf.GradSaveFunc)[]) => {
    const save = args.pop() as tf.GradSaveFunc;
    const inputs = args as [tf.Tensor4D, tf.Tensor4D, tf.Tensor4D, tf.Tensor4D];
    save(inputs);
    const [queries, keys, values, biases] = inputs;
    return {
      value: forward(queries, { k: keys, v: values, bias: biases }, tile),
      gradFunc: (dy: tf.Tensor, saved: tf.Tensor[]) => {
        const [sq, sk, sv, sb] = saved as typeof inputs;
        const d = backward(sq, { k: sk, v: sv, bias: sb }, dy as tf.Tensor4D, tile);
        return [d.q, d.k, d.v, d.bias];
      },
    };
  });
  return attend(q, k, v, bias) as tf.Tensor4D;
}

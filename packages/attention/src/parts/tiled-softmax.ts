import { after, withGradient } from "@ganymede/core/nn";
import * as tf from "@tensorflow/tfjs-core";

/** Most logits of one tile, 16 MB of them; about five such tensors exist at one time. */
const tileLogits = 2 ** 22;
/** q `[B, H, N, D]`, k `[B, H, M, D]`, v `[B, H, M, E]`, and a bias of each key `[B, H, 1, M]`. */
type Inputs = readonly [q: tf.Tensor4D, k: tf.Tensor4D, v: tf.Tensor4D, bias: tf.Tensor4D];

/** Queries of one head that a tile should have before it takes in another head. */
const enoughQueries = 1024;

/** Logits of one head from which on an engine's own loop, which takes one head at a time, is the faster form. */
const enoughLogits = 2 ** 20;

/** What is computed together: one head as matrices `[N, D]`, which engines can work through row by row, or several, `[G, N, D]`. */
interface Group {
  readonly q: tf.Tensor;
  readonly k: tf.Tensor;
  readonly v: tf.Tensor;
  readonly bias: tf.Tensor;
}

/** How much is computed at one time. */
interface Tile {
  readonly heads: number;
  readonly queries: number;
}

function chooseTile(heads: number, queries: number, keys: number, wanted: number | undefined): Tile {
  const least = Math.min(queries, wanted ?? enoughQueries);
  const together = Math.min(heads, Math.max(1, Math.floor(tileLogits / (least * keys))));
  const fitting = Math.max(1, Math.floor(tileLogits / (together * keys)));
  return { heads: together, queries: Math.min(queries, wanted ?? fitting) };
}

/** First indices of the parts of a whole. */
function starts(whole: number, part: number): number[] {
  return Array.from({ length: Math.ceil(whole / part) }, (_, i) => i * part);
}

const queriesOf = (x: tf.Tensor): number => x.shape.at(-2) as number;

function rows(x: tf.Tensor, first: number, count: number): tf.Tensor {
  const begin = x.shape.map((_, axis) => (axis === x.rank - 2 ? first : 0));
  return tf.slice(x, begin, x.shape.with(-2, count));
}

/** `[B, H, N, D]` in groups of heads. */
function groupsOf(x: tf.Tensor4D, size: number): tf.Tensor[] {
  const [batch, heads, count, width] = x.shape;
  const all = tf.reshape(x, [batch * heads, count, width]);
  return starts(batch * heads, size).map((first) => {
    const together = Math.min(size, batch * heads - first);
    const group = tf.slice(all, [first, 0, 0], [together, count, width]);
    return together === 1 ? tf.reshape(group, [count, width]) : group;
  });
}

function joinGroups(groups: readonly tf.Tensor[], like: tf.Tensor4D): tf.Tensor4D {
  const [batch, heads] = like.shape;
  const [count, width] = (groups[0] as tf.Tensor).shape.slice(-2) as [number, number];
  const stacks = groups.map((group) => tf.reshape(group, [-1, count, width]));
  return tf.reshape(tf.concat(stacks, 0), [batch, heads, count, width]);
}

function weights({ q, k, bias }: Group): tf.Tensor {
  return tf.softmax(tf.add(tf.matMul(q, k, false, true), bias));
}

/** The group with its keys ready only when all of `done` is: two tiles at a time would need twice the memory. */
function laterThan(done: readonly tf.Tensor[], group: Group): Group {
  const later = (x: tf.Tensor): tf.Tensor => done.reduce((late, value) => after(late, value), x);
  return { ...group, k: later(group.k), v: later(group.v) };
}

function groups([q, k, v, bias]: Inputs, size: number): Group[] {
  const [ks, vs, biases] = [groupsOf(k, size), groupsOf(v, size), groupsOf(bias, size)];
  return groupsOf(q, size).map((queries, i) => ({ q: queries, k: ks[i]!, v: vs[i]!, bias: biases[i]! }));
}

function forward(inputs: Inputs, tile: Tile): tf.Tensor4D {
  let done: tf.Tensor[] = [];
  const outputs = groups(inputs, tile.heads).map((group) => {
    const parts = starts(queriesOf(group.q), tile.queries).map((first) => {
      const q = rows(group.q, first, Math.min(tile.queries, queriesOf(group.q) - first));
      const now = laterThan(done, { ...group, q });
      const part = tf.matMul(weights(now), now.v);
      done = [part];
      return part;
    });
    return tf.concat(parts, -2);
  });
  return joinGroups(outputs, inputs[0]);
}

/** Cotangents from one tile, whose weights P are computed again: dS = P (dP - sum_j dP P), dP = dY V^T. */
function tileCotangents(group: Group, dy: tf.Tensor): Group {
  const p = weights(group);
  const dp = tf.matMul(dy, group.v, false, true);
  const ds = tf.mul(p, tf.sub(dp, tf.sum(tf.mul(dp, p), -1, true)));
  return {
    q: tf.matMul(ds, group.k),
    k: tf.matMul(ds, group.q, true, false),
    v: tf.matMul(p, dy, true, false),
    bias: tf.sum(ds, -2, true),
  };
}

/** Cotangents of one group, begun when all of `done` is there. */
function groupCotangents(group: Group, dy: tf.Tensor, tile: number, done: readonly tf.Tensor[]): Group {
  const count = queriesOf(group.q);
  const queries: tf.Tensor[] = [];
  let sum: Omit<Group, "q"> | undefined;
  for (const first of starts(count, tile)) {
    const before = sum === undefined ? done : [queries.at(-1) as tf.Tensor, sum.k, sum.v, sum.bias];
    const size = Math.min(tile, count - first);
    const now = laterThan(before, { ...group, q: rows(group.q, first, size) });
    const part = tileCotangents(now, rows(dy, first, size));
    queries.push(part.q);
    sum =
      sum === undefined
        ? part
        : { k: tf.add(sum.k, part.k), v: tf.add(sum.v, part.v), bias: tf.add(sum.bias, part.bias) };
  }
  return { q: tf.concat(queries, -2), ...(sum as Omit<Group, "q">) };
}

function backward(inputs: Inputs, dy: tf.Tensor4D, tile: Tile): Inputs {
  const cotangents = groupsOf(dy, tile.heads);
  const found: Group[] = [];
  groups(inputs, tile.heads).forEach((group, i) => {
    const last = found.at(-1);
    const done = last === undefined ? [dy] : [last.q, last.k, last.v, last.bias];
    found.push(groupCotangents(group, cotangents[i]!, tile.queries, done));
  });
  const joined = (name: keyof Group, like: tf.Tensor4D) =>
    joinGroups(
      found.map((group) => group[name]),
      like,
    );
  const [q, k, v, bias] = inputs;
  return [joined("q", q), joined("k", k), joined("v", v), joined("bias", bias)];
}

/** The plain sequence of tiles, for any engine and any order of derivatives. */
function tiled(tile: Tile): (...inputs: Inputs) => tf.Tensor4D {
  return withGradient({
    forward: (...inputs: Inputs) => forward(inputs, tile),
    save: (_, inputs) => inputs,
    backward: (dy, inputs) => backward(inputs, dy, tile),
  });
}

/**
 * The engine's own loop over tiles. It has no derivative of its backward pass: where an outer gradient records one, as under a gradient
 * penalty, the plain sequence of tiles takes its place.
 */
function looped(tile: Tile): (...inputs: Inputs) => tf.Tensor4D {
  let sum: tf.Tensor; // log-sum-exp of each query's logits, [B, H, N, 1]
  return withGradient({
    forward: (...[q, k, v, bias]: Inputs) => {
      const results = tf.engine().runKernel("SoftmaxProduct", { q, k, v, bias }) as tf.Tensor[];
      sum = results[1] as tf.Tensor;
      return results[0] as tf.Tensor4D;
    },
    save: (y, inputs) => [...inputs, y, sum] as const,
    backward: (dy, [q, k, v, bias, y, sum]) =>
      tf.engine().state.gradientDepth > 0
        ? backward([q, k, v, bias], dy, tile)
        : (tf.engine().runKernel("SoftmaxProductGrad", { q, k, v, bias, y, sum, dy }) as tf.Tensor[]),
  });
}

/**
 * softmax_j(q_i.k_j + b_j) v, exactly, in tiles of queries. No more than one tile of logits exists at a time, and the backward pass
 * computes each tile again instead of keeping it, so memory grows with N + M instead of N M. The backward pass is made of
 * differentiable operations, so second derivatives are exact, too; theirs is the memory of the plain form. From 2^20 logits a head on,
 * values and first derivatives come from a loop of the engine over tiles of queries and keys, where it has one.
 *
 * Shapes: q `[B, H, N, D]`, scaled as the logits are meant, k `[B, H, M, D]`, v `[B, H, M, E]`, b `[B, H, 1, M]`; y `[B, H, N, E]`.
 * Source: Rabe and Staats 2021, arXiv 2112.05682, for the idea; Dao et al. 2022, arXiv 2205.14135, section 3.1, for the backward pass.
 *
 * @param wanted queries per tile. Default: as many as make 16 MB of logits, of as many heads as leave room for 1,024, or the engine's loop.
 */
export function tiledSoftmaxProduct(
  q: tf.Tensor4D,
  k: tf.Tensor4D,
  v: tf.Tensor4D,
  bias: tf.Tensor4D,
  wanted?: number,
): tf.Tensor4D {
  const [batch, heads, queries] = q.shape;
  const tile = chooseTile(batch * heads, queries, k.shape[2], wanted);
  const loops = wanted === undefined && tf.getKernel("SoftmaxProduct", tf.getBackend()) != null;
  const attend = loops && queries * k.shape[2] >= enoughLogits ? looped(tile) : tiled(tile);
  return attend(q, k, v, bias);
}

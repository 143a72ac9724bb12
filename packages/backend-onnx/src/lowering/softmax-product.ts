import type { GraphBuilder } from "../graph/builder.js";
import { splatOf } from "../graph/builder.js";
import { binary, concat, matrixProduct, reduce, reshape, slice, unary } from "../graph/operations.js";
import { scan } from "../graph/scan.js";
import type { Value } from "../graph/value.js";
import type { LoweringInput, LoweringTable } from "./lowering.js";

/** Most queries and keys of one tile of logits, 4 MB: smaller ones stay in smaller caches, but threads then wait for one another more often. */
const blockSize = 1024;
/** Logit of a key that only fills up the last block, and the logarithm of an empty sum. */
const hidden = -1e30;

/** How a length is cut: into blocks of one size, the last of which may have to be filled up. */
interface Blocks {
  readonly length: number;
  readonly count: number;
  readonly size: number;
}

function blocksOf(length: number): Blocks {
  const count = Math.ceil(length / blockSize);
  return { length, count, size: Math.ceil(length / count) };
}

const isPadded = ({ length, count, size }: Blocks): boolean => count * size > length;

/** Rows `[N, W]` filled up to whole blocks. */
function pad(b: GraphBuilder, x: Value, { length, count, size }: Blocks, filler = 0): Value {
  const missing = count * size - length;
  return missing === 0 ? x : concat(b, [x, b.fill(x.type, [missing, x.shape[1]!], filler)], 0);
}

/** Whole blocks of rows, `[count size, W]`, as `[count, size, W]`, with further columns. */
function cut(b: GraphBuilder, { count, size }: Blocks, x: Value, columns: readonly Value[] = []): Value {
  const wide = concat(b, [x, ...columns], 1);
  return reshape(b, wide, [count, size, wide.shape[1]!]);
}

/** Undoes `cut` and `pad`. */
function joined(b: GraphBuilder, x: Value, { length }: Blocks): Value {
  const rows = reshape(b, x, [x.shape[0]! * x.shape[1]!, x.shape[2]!]);
  return slice(b, rows, [0, 0], [length, x.shape[2]!]);
}

const ones = (b: GraphBuilder, x: Value): Value => b.fill(x.type, [x.shape[0]!, 1], 1);
const zeros = (b: GraphBuilder, shape: readonly number[]): Value => b.fill("float32", shape, 0);

/** Zeros that are made when they are needed; constants lie in the model. */
function filled(b: GraphBuilder, shape: readonly number[]): Value {
  return b.apply("ConstantOfShape", [b.integers(shape)], { type: "float32", shape });
}

const logits = (b: GraphBuilder, q: Value, k: Value): Value => matrixProduct(b, q, k, false, true);
const product = (b: GraphBuilder, x: Value, y: Value): Value => matrixProduct(b, x, y, false, false);

/** `x^T y + sum` or `x y + sum`. */
function addProduct(b: GraphBuilder, x: Value, y: Value, sum: Value, transX: boolean): Value {
  return b.apply("Gemm", [x, y, sum], sum, { transA: transX ? 1 : 0 });
}

/** Log of the sum of exponentials of each row of logits, from its softmax: at the largest logit s the weight is exp(s - sum). */
function logSumExp(b: GraphBuilder, s: Value, weights: Value): Value {
  const largest = (x: Value) => reduce(b, "ReduceMax", x, [1], true);
  return binary(b, "Sub", largest(s), unary(b, "Log", largest(weights)));
}

/** One head: q `[N, D]`, k `[M, D]`, v `[M, E]`, bias `[M, 1]` or null -> y `[N, E]` and the logits' log-sum-exp `[N, 1]`. */
function attend(b: GraphBuilder, q: Value, k: Value, v: Value, bias: Value | null): Value[] {
  const [queries, keys] = [blocksOf(q.shape[0]!), blocksOf(k.shape[0]!)];
  const [paddedQ, paddedK] = [pad(b, q, queries), pad(b, k, keys)];
  const biased = biasColumn(b, k, bias, keys);
  const qs = cut(b, queries, paddedQ, biased === null ? [] : [ones(b, paddedQ)]);
  const ks = cut(b, keys, paddedK, biased === null ? [] : [biased]);
  const vs = cut(b, keys, pad(b, v, keys));
  const start = [zeros(b, [queries.size, v.shape[1]!]), b.fill("float32", [queries.size, 1], hidden)];
  const results = scan(b, [], [qs], (outer, _, [own]) => {
    const parts = scan(outer, start, [ks, vs], (c, [y, sum], [nearK, nearV]) => {
      const s = logits(c, own!, nearK!);
      const weights = c.apply("Softmax", [s], s, { axis: 1 });
      const tileSum = logSumExp(c, s, weights);
      // The softmax over all keys so far is a mean of those over each block.
      const top = binary(c, "Max", sum!, tileSum);
      const share = (part: Value, whole: Value) => unary(c, "Exp", binary(c, "Sub", part, whole));
      const both = binary(c, "Add", share(sum!, top), share(tileSum, top));
      const total = binary(c, "Add", top, unary(c, "Log", both));
      const before = binary(c, "Mul", y!, share(sum!, total));
      const now = binary(c, "Mul", product(c, weights, nearV!), share(tileSum, total));
      return { states: [binary(c, "Add", before, now), total], parts: [] };
    });
    return { states: [], parts };
  });
  return results.map((result) => joined(b, result, queries));
}

/** The bias of each key as a column, null if nothing has to be added. */
function biasColumn(b: GraphBuilder, k: Value, bias: Value | null, keys: Blocks): Value | null {
  if (bias === null && !isPadded(keys)) return null;
  return pad(b, bias ?? zeros(b, [k.shape[0]!, 1]), keys, hidden);
}

/**
 * Cotangents of one head, from weights P computed again as exp(S - log-sum-exp): dS = P (dP - sum_i dy_i y_i), dP = dy v^T. Biases,
 * log-sum-exps and the sums are columns of the products' operands, which spares passes over the tiles.
 */
function attendBack(
  b: GraphBuilder,
  [q, k, v, bias]: readonly [Value, Value, Value, Value | null],
  [y, sum, dy]: readonly [Value, Value, Value],
): Value[] {
  const [queries, keys] = [blocksOf(q.shape[0]!), blocksOf(k.shape[0]!)];
  const [depth, width] = [q.shape[1]!, v.shape[1]!];
  const [paddedQ, paddedK, paddedDy] = [pad(b, q, queries), pad(b, k, keys), pad(b, dy, queries)];
  const column = biasColumn(b, k, bias, keys);
  const biased = column === null ? [] : [column];
  const one = column === null ? [] : [ones(b, paddedQ)];
  const negated = (x: Value, filler: number) => pad(b, unary(b, "Neg", x), queries, filler);
  const delta = reduce(b, "ReduceSum", binary(b, "Mul", dy, y), [1], true);
  const paddedV = pad(b, v, keys);
  const ofQueries = [
    cut(b, queries, paddedQ, [...one, negated(sum, hidden)]),
    cut(b, queries, paddedDy, [negated(delta, 0)]),
    cut(b, queries, paddedQ),
    cut(b, queries, paddedDy),
  ];
  const ofKeys = [
    cut(b, keys, paddedK, [...biased, ones(b, paddedK)]),
    cut(b, keys, paddedV, [ones(b, paddedV)]),
    cut(b, keys, paddedK),
  ];
  const start = [zeros(b, [keys.size, depth]), zeros(b, [keys.size, width])];
  // The bias has the sum over all queries: a row of ones times dS.
  const row = bias === null ? [] : [b.fill("float32", [1, queries.size], 1)];
  const sums = bias === null ? [] : [zeros(b, [1, keys.size])];
  const dqs = filled(b, [queries.count, queries.size, depth]);
  const [dq, dk, dv, dBias] = scan(b, [dqs], ofKeys, (outer, [rest], [nearK, nearV, plainK]) => {
    const stacks = [...ofQueries, rest!];
    const [doneK, doneV, ...others] = scan(outer, [...start, ...sums], stacks, (c, [dk, dv, sum], slices) => {
      const [ownQ, ownDy, plainQ, plainDy, dq] = slices as [Value, Value, Value, Value, Value];
      const p = unary(c, "Exp", logits(c, ownQ, nearK!));
      const ds = binary(c, "Mul", p, logits(c, ownDy, nearV!));
      const added = row.map((one) => addProduct(c, one, ds, sum!, false));
      return {
        states: [addProduct(c, ds, plainQ, dk!, true), addProduct(c, p, plainDy, dv!, true), ...added],
        parts: [addProduct(c, ds, plainK!, dq, false)],
      };
    });
    const doneSums = others.slice(0, sums.length).map((x) => reshape(outer, x, [keys.size, 1]));
    return { states: [others.at(-1)!], parts: [doneK!, doneV!, ...doneSums] };
  });
  return [joined(b, dq!, queries), ...[dk, dv, dBias].filter((x) => x !== undefined).map((x) => joined(b, x, keys))];
}

/** `[B, H, N, W]` as `[B H, N, W]`. */
function heads(b: GraphBuilder, x: Value): Value {
  const [batch, count, rows, width] = x.shape as [number, number, number, number];
  return reshape(b, x, [batch * count, rows, width]);
}

/** The tensors `[B, H, .., ..]` and the bias `[B, H, 1, M]`, if there is one, head by head. */
function eachHead(
  { b, inputs }: LoweringInput,
  names: readonly string[],
  head: (body: GraphBuilder, tensors: readonly Value[], bias: Value | null) => Value[],
): Value[] {
  const bias = splatOf(inputs.bias!) === 0 ? [] : [columnOf(b, inputs.bias!)];
  const given = names.map((name) => inputs[name]!);
  const stacks = [...given, ...bias].map((x) => heads(b, x));
  const results = scan(b, [], stacks, (body, _, tensors) => ({
    states: [],
    parts: head(body, tensors, bias.length === 0 ? null : tensors.at(-1)!),
  }));
  return results.map((x) => reshape(b, x, [...inputs.q!.shape.slice(0, 2), ...x.shape.slice(1)]));
}

/** `[B, H, 1, M]` as `[B, H, M, 1]` or the other way around. */
function columnOf(b: GraphBuilder, x: Value): Value {
  const [batch, count, rows, width] = x.shape as [number, number, number, number];
  return reshape(b, x, [batch, count, width, rows]);
}

/** y = softmax(q k^T + bias) v and the log-sum-exp of each query's logits, one tile of logits at a time. */
function softmaxProduct(input: LoweringInput): Value[] {
  return eachHead(input, ["q", "k", "v"], (b, [q, k, v], bias) => attend(b, q!, k!, v!, bias));
}

/** Cotangents of q, k, v and the bias from `dy`, and from `y` and `sum`, the results of `SoftmaxProduct`. */
function softmaxProductGrad(input: LoweringInput): Value[] {
  const names = ["q", "k", "v", "y", "sum", "dy"];
  const [dq, dk, dv, dBias] = eachHead(input, names, (b, [q, k, v, y, sum, dy], bias) =>
    attendBack(b, [q!, k!, v!, bias], [y!, sum!, dy!]),
  );
  const { b, inputs } = input;
  return [dq!, dk!, dv!, dBias === undefined ? zeros(b, inputs.bias!.shape) : columnOf(b, dBias)];
}

/** Kernels of attention at length, for engines with loops (Dao et al. 2022, arXiv 2205.14135, section 3.1). */
export const softmaxProducts: LoweringTable = {
  SoftmaxProduct: softmaxProduct,
  SoftmaxProductGrad: softmaxProductGrad,
};

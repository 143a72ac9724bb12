import * as tf from "@tensorflow/tfjs-core";
import { defineGradient, defineSplitGradient, defineZeroGradient } from "./define-gradient.js";

type Axes = { axis: number | number[] };

/** Restores reduced axes with size 1. */
function keepAxes(y: tf.Tensor, inputShape: readonly number[], axis: number | number[]): tf.Tensor {
  const axes = tf.util.parseAxisParam(axis, [...inputShape]);
  const shape = inputShape.map((size, i) => (axes.includes(i) ? 1 : size));
  return tf.reshape(y, shape);
}

function registerSums(): void {
  defineGradient<Axes>("Sum", ["x"], (dy, [x], _y, { axis }) => [
    () => tf.broadcastTo(keepAxes(dy, x!.shape, axis), x!.shape),
  ]);
  defineGradient<Axes>("Mean", ["x"], (dy, [x], y, { axis }) => [
    () => tf.broadcastTo(keepAxes(tf.mul(dy, Math.max(1, y.size) / Math.max(1, x!.size)), x!.shape, axis), x!.shape),
  ]);
  defineGradient<Axes>("Prod", ["x"], (dy, [x], _y, { axis }) => [() => productGradient(dy, x!, axis)]);
}

/** `[one, one c0, one c0 c1, ..]`. */
function runningProducts(one: tf.Tensor, columns: readonly tf.Tensor[]): tf.Tensor[] {
  const products = [one];
  for (const column of columns) products.push(tf.mul(products[products.length - 1]!, column));
  return products;
}

/** Products of all other elements, from the left and from the right, so that zeros are handled. */
function productGradient(dy: tf.Tensor, x: tf.Tensor, axis: number | number[]): tf.Tensor {
  const axes = tf.util.parseAxisParam(axis, x.shape);
  const others = x.shape.map((_, i) => i).filter((i) => !axes.includes(i));
  const order = [...others, ...axes];
  const moved = tf.transpose(x, order);
  const count = tf.util.sizeFromShape(axes.map((i) => x.shape[i]!));
  const columns = tf.unstack(tf.reshape(moved, [-1, count]), 1);
  const one = tf.onesLike(columns[0]!);
  const left = runningProducts(one, columns);
  const right = runningProducts(one, [...columns].reverse()).reverse();
  const partial = tf.stack(
    columns.map((_, i) => tf.mul(left[i]!, right[i + 1]!)),
    1,
  );
  const inverse = order.map((_, i) => order.indexOf(i));
  const restored = tf.transpose(tf.reshape(partial, moved.shape), inverse);
  return tf.mul(restored, keepAxes(dy, x.shape, axis));
}

/** Maxima and minima; equal elements share the gradient. */
function registerExtremes(): void {
  const toExtreme = (dy: tf.Tensor, x: tf.Tensor, y: tf.Tensor, axis: number | number[]): tf.Tensor => {
    const hit = tf.cast(tf.equal(x, keepAxes(y, x.shape, axis)), "float32");
    const ties = keepAxes(tf.sum(hit, axis), x.shape, axis);
    return tf.mul(tf.div(hit, ties), keepAxes(dy, x.shape, axis));
  };
  defineGradient<{ reductionIndices: number | number[] }>("Max", ["x"], (dy, [x], y, { reductionIndices }) => [
    () => toExtreme(dy, x!, y, reductionIndices),
  ]);
  defineGradient<Axes>("Min", ["x"], (dy, [x], y, { axis }) => [() => toExtreme(dy, x!, y, axis)]);
  for (const kernel of ["ArgMax", "ArgMin", "All", "Any"]) defineZeroGradient(kernel, ["x"]);
  defineSplitGradient<{ k: number }>("TopK", "x", ([dValues], x, { k }) => {
    const width = x.shape[x.rank - 1]!;
    const { indices } = tf.topk(x, k);
    const places = tf.oneHot(tf.cast(indices, "int32"), width) as tf.Tensor; // [..., k, width]
    return tf.sum(tf.mul(tf.cast(places, "float32"), tf.expandDims(dValues!, -1)), -2);
  });
}

function registerScans(): void {
  type Scan = { axis: number; exclusive: boolean; reverse: boolean };
  defineGradient<Scan>("Cumsum", ["x"], (dy, _x, _y, { axis, exclusive, reverse }) => [
    () => tf.cumsum(dy, axis, exclusive, !reverse),
  ]);
}

function registerSoftmax(): void {
  // dx = (dy - sum(dy y)) y
  defineGradient<{ dim: number }>("Softmax", ["logits"], (dy, _x, y, { dim }) => [
    () => tf.mul(tf.sub(dy, tf.sum(tf.mul(dy, y), dim, true)), y),
  ]);
  defineGradient<{ axis: number }>("LogSoftmax", ["logits"], (dy, _x, y, { axis }) => [
    () => tf.sub(dy, tf.mul(tf.sum(dy, axis, true), tf.exp(y))),
  ]);
}

/** Gradients of reductions. */
export function registerReductions(): void {
  registerSums();
  registerExtremes();
  registerScans();
  registerSoftmax();
}

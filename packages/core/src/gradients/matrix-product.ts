import * as tf from "@tensorflow/tfjs-core";
import { defineGradient } from "./define-gradient.js";
import { sumToShape } from "./sum-to-shape.js";

interface Sides {
  transposeA: boolean;
  transposeB: boolean;
}

/** Flattens a stack of matrices to one: `[.., n, m]` to `[N, m]`. */
function asMatrix(x: tf.Tensor): tf.Tensor {
  return x.rank === 2 ? x : tf.reshape(x, [-1, x.shape[x.rank - 1]!]);
}

/** Cotangents of y = A B, where A is a or its transpose, and likewise B. */
function matrixProductGradient(dy: tf.Tensor, a: tf.Tensor, b: tf.Tensor, sides: Sides): (() => tf.Tensor)[] {
  const { transposeA, transposeB } = sides;
  if (!transposeA && b.rank === 2 && a.rank > 2) {
    // One weight for all batches: a single product gives its cotangent, without a sum over batches.
    const [rows, dRows] = [asMatrix(a), asMatrix(dy)];
    return [
      () => tf.matMul(dy, b, false, !transposeB),
      () => (transposeB ? tf.matMul(dRows, rows, true, false) : tf.matMul(rows, dRows, true, false)),
    ];
  }
  const toA = (): tf.Tensor => (transposeA ? tf.matMul(b, dy, transposeB, true) : tf.matMul(dy, b, false, !transposeB));
  const toB = (): tf.Tensor => (transposeB ? tf.matMul(dy, a, true, transposeA) : tf.matMul(a, dy, !transposeA, false));
  return [() => sumToShape(toA(), a.shape), () => sumToShape(toB(), b.shape)];
}

/** Gradients of (batched) matrix products with optional transposition. */
export function registerMatrixProducts(): void {
  defineGradient<Sides>("BatchMatMul", ["a", "b"], (dy, [a, b], _y, sides) => matrixProductGradient(dy, a!, b!, sides));
}

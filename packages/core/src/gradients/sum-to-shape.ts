import * as tf from "@tensorflow/tfjs-core";

/** The adjoint of broadcasting from `shape` to the tensor's shape: sums over the broadcast axes. */
export function sumToShape(x: tf.Tensor, shape: readonly number[]): tf.Tensor {
  const axes = tf.broadcast_util.getReductionAxes([...shape], x.shape);
  const summed = axes.length > 0 ? tf.sum(x, axes) : x;
  return sameShape(summed.shape, shape) ? summed : tf.reshape(summed, [...shape]);
}

export function sameShape(a: readonly number[], b: readonly number[]): boolean {
  return a.length === b.length && a.every((size, axis) => size === b[axis]);
}

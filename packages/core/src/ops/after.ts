import * as tf from "@tensorflow/tfjs-core";

/**
 * x, computed no earlier than y: the same values, and an order. A compiled graph shares equal expressions and orders the rest
 * freely, which is wrong for what is computed again on purpose, to keep memory small. On an eager backend it is x itself.
 */
export function after<T extends tf.Tensor>(x: T, y: tf.Tensor): T {
  if (tf.getKernel("After", tf.getBackend()) == null) return x;
  return tf.engine().runKernel("After", { x, y }) as T;
}

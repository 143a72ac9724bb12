import * as tf from "@tensorflow/tfjs-core";

/**
 * x, computed no earlier than y: the same values with an ordering. A compiled graph merges equal expressions and reorders the rest,
 * which defeats deliberate recomputation that saves memory. On an eager backend it is x itself.
 */
export function after<T extends tf.Tensor>(x: T, y: tf.Tensor): T {
  if (tf.getKernel("After", tf.getBackend()) == null) return x;
  return tf.engine().runKernel("After", { x, y }) as T;
}

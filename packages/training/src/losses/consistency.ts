import * as tf from "@tensorflow/tfjs-core";

/** Logits of the same images, seen under two augmentations. */
export interface ConsistencyPair {
  readonly base: tf.Tensor1D;
  readonly augmented: tf.Tensor1D;
}

/**
 * Balanced consistency regularisation (bCR): realWeight * mean (D(x) - D(T x))^2 + fakeWeight * mean (D(G z) - D(T G z))^2;
 * gradients flow through both sides.
 *
 * Source: Zhao et al. 2021, arXiv 2002.04724, algorithm 1.
 */
export function consistency(
  real: ConsistencyPair,
  fake: ConsistencyPair,
  weights: { readonly real: number; readonly fake: number },
): tf.Scalar {
  const distance = ({ base, augmented }: ConsistencyPair) => tf.mean(tf.square(tf.sub(base, augmented)));
  return tf.add(tf.mul(distance(real), weights.real), tf.mul(distance(fake), weights.fake));
}

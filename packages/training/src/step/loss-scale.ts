import type { ParamTree } from "@ganymede/core";
import { leaves, mapLeaves } from "@ganymede/core";
import * as tf from "@tensorflow/tfjs-core";

/** Scale of a network's loss in mixed precision, which keeps small gradients representable in half precision. */
export type LossScale = {
  /** A power of two. */
  readonly scale: tf.Scalar;
  /** Updates since the last change. */
  readonly steady: tf.Scalar;
};

const firstScale = 2 ** 16;
const growthInterval = 2000;
/** Above it the scaled loss itself could overflow float32. */
const largestScale = 2 ** 24;

export function startLossScale(): LossScale {
  return { scale: tf.scalar(firstScale), steady: tf.scalar(0) };
}

/** Bool scalar: true if every gradient is finite. */
export function allFinite(grads: ParamTree): tf.Scalar {
  // A finite value times 0 is 0; squares of large gradients could overflow although the gradients are finite.
  const sums = leaves(grads).map(({ value }) => tf.sum(tf.mul(value, 0)));
  return tf.equal(tf.addN(sums), 0) as tf.Scalar;
}

/** `next` if all gradients were finite, else `before`. */
export function whereFinite<Tree extends ParamTree>(finite: tf.Scalar, next: Tree, before: Tree): Tree {
  return mapLeaves(next, (leaf, _, old) => tf.where(finite, leaf, old as tf.Tensor), before);
}

/**
 * Halves the scale after an update with non-finite gradients, and doubles it after 2,000 finite updates.
 *
 * Source: Micikevicius et al. 2018, arXiv 1710.03740, section 3.2; interval and initial scale, 65,536, as in PyTorch's GradScaler.
 */
export function nextLossScale({ scale, steady }: LossScale, finite: tf.Scalar): LossScale {
  const longer = tf.add(steady, 1);
  const grows = tf.greaterEqual(longer, growthInterval);
  const grown = tf.minimum(tf.mul(scale, 2), largestScale);
  const started = tf.zerosLike(steady);
  return {
    scale: tf.where(finite, tf.where(grows, grown, scale), tf.maximum(tf.mul(scale, 0.5), 1)) as tf.Scalar,
    steady: tf.where(finite, tf.where(grows, started, longer), started) as tf.Scalar,
  };
}

/** The loss scale of a network, or undefined without mixed precision. */
export function scaleOf(state: ParamTree): tf.Scalar | undefined {
  return (state as Partial<LossScale>).scale;
}

/** In mixed precision, skips an update with non-finite gradients and adjusts the scale; otherwise returns the update unchanged. */
export function guard<Updated extends { readonly [name: string]: ParamTree }>(
  lossScale: ParamTree,
  grads: ParamTree,
  updated: Updated,
  before: { readonly [Name in keyof Updated]: ParamTree },
): { readonly kept: Updated; readonly scale: ParamTree } {
  if (scaleOf(lossScale) === undefined) return { kept: updated, scale: lossScale };
  const finite = allFinite(grads);
  const old = Object.fromEntries(Object.keys(updated).map((name) => [name, before[name]])) as unknown as Updated;
  return { kept: whereFinite(finite, updated, old), scale: nextLossScale(lossScale as LossScale, finite) };
}

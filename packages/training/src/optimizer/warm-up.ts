import * as tf from "@tensorflow/tfjs-core";
import type { Rate } from "./optimizer.js";

/**
 * Linear warm-up: rate * min(1, (step + 1) / steps), a scalar computed from the step counter so that a compiled step needs no
 * new trace for it; the plain rate when `steps` is 0.
 *
 * @param step steps taken before this one, a scalar.
 */
export function warmUp(rate: number, steps: number, step: tf.Scalar): Rate {
  if (steps === 0) return rate;
  return tf.mul(tf.minimum(tf.div(tf.add(step, 1), steps), 1), rate) as tf.Scalar;
}

import * as tf from "@tensorflow/tfjs-core";
import type { CompleteTraining } from "../complete-training.js";
import type { Rate } from "./optimizer.js";
import { warmUp } from "./warm-up.js";

/**
 * The step size of a step: linear warm-up, then constant, linear (1 - t) or cosine ((1 + cos(pi t)) / 2) decay with
 * t = min(1, step / steps). A scalar computed from the step counter, so that a compiled step needs no new trace for it.
 *
 * Source of the cosine: Loshchilov and Hutter 2017, arXiv 1608.03983, equation 5, without restarts.
 * @param step steps taken before this one.
 */
export function scheduledRate(
  rate: number,
  { warmupSteps, schedule }: Pick<CompleteTraining, "warmupSteps" | "schedule">,
  step: tf.Scalar,
): Rate {
  const warmed = warmUp(rate, warmupSteps, step);
  if (schedule.kind === "constant") return warmed;
  const t = tf.minimum(tf.div(step, schedule.steps), 1);
  const share = schedule.kind === "linear" ? tf.sub(1, t) : tf.mul(tf.add(tf.cos(tf.mul(t, Math.PI)), 1), 0.5);
  return tf.mul(share, warmed) as tf.Scalar;
}

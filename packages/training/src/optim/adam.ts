import type { Component, Optimizer, ParamTree, Scheduled, ScheduleInputs } from "@ganymede/core";
import { defineComponent, mapLeaves } from "@ganymede/core";
import { real, record, scheduled } from "@ganymede/core/config";
import * as tf from "@tensorflow/tfjs-core";
import { moveLeaves } from "./move-leaves.js";

/** Settings of `adam`. Defaults: beta1 0.9, beta2 0.999, epsilon 1e-8. */
export interface AdamSettings {
  readonly learningRate: Scheduled;
  /** Decay of the first moment, in [0, 1); 0 stores no first moment. */
  readonly beta1: number;
  /** Decay of the second moment, in [0, 1). */
  readonly beta2: Scheduled;
  /** Added to the denominator after bias correction. */
  readonly epsilon: number;
}

/** Settings of `adamW`. */
export interface AdamWSettings extends AdamSettings {
  /** Decoupled weight decay: each step subtracts learningRate * weightDecay * w. */
  readonly weightDecay: Scheduled;
}

/** State of Adam: the number of updates and the moments, in the structure of the parameters. */
export type AdamState = {
  /** Number of updates, a float32 scalar. */
  readonly count: tf.Scalar;
  /** First moments in the structure of the parameters; empty if beta1 is 0, because they equal the gradients. */
  readonly first: ParamTree;
  readonly second: ParamTree;
};

const amount = real({ least: 0 });
const decay = real({ least: 0, below: 1 });

/**
 * 1 - decay^count without the cancellation that float32 suffers when decay is near 1: with y = tanh(-count log(decay) / 2) it
 * is 2 y / (1 + y).
 */
function correction(rate: number | tf.Scalar, count: tf.Scalar): tf.Scalar {
  if (rate === 0) return tf.scalar(1);
  const halfLog = typeof rate === "number" ? -Math.log(rate) / 2 : tf.mul(tf.log(rate), -0.5);
  const y = tf.tanh(tf.mul(count, halfLog));
  return tf.div(tf.mul(y, 2), tf.add(y, 1));
}

function decayed(average: tf.Tensor, rate: number | tf.Scalar, value: tf.Tensor): tf.Tensor {
  const rest = typeof rate === "number" ? 1 - rate : tf.sub(1, rate);
  return tf.add(tf.mul(average, rate), tf.mul(value, rest));
}

function createAdam(
  id: string,
  { learningRate, beta1, beta2, epsilon, weightDecay }: AdamWSettings,
  { schedule }: ScheduleInputs,
): Optimizer<AdamState> {
  const rates = schedule(learningRate, `${id}: learningRate`, amount);
  const decays = schedule(beta2, `${id}: beta2`, decay);
  const losses = schedule(weightDecay, `${id}: weightDecay`, amount);
  return {
    init: (params) => ({
      count: tf.scalar(0),
      first: beta1 === 0 ? {} : mapLeaves(params, (leaf) => tf.zerosLike(leaf)),
      second: mapLeaves(params, (leaf) => tf.zerosLike(leaf)),
    }),
    update(grads, state, params, progress) {
      const [rate, b2, loss] = [rates.at(progress), decays.at(progress), losses.at(progress)];
      const count = tf.add(state.count, 1) as tf.Scalar;
      const root = tf.sqrt(correction(b2, count));
      // The same step with the bias corrections folded into two scalars, which saves three passes over every leaf.
      const size = tf.div(tf.mul(root, rate), correction(beta1, count));
      const floor = tf.mul(root, epsilon);
      const kept = loss === 0 ? null : tf.sub(1, tf.mul(rate, loss));
      const moments = beta1 === 0 ? [state.second] : [state.second, state.first];
      const moved = moveLeaves(params, grads, moments, (value, g, before, mean) => {
        const v = decayed(before as tf.Tensor, b2, tf.square(g));
        const m = mean === undefined ? g : decayed(mean, beta1, g);
        const step = tf.mul(tf.div(m, tf.add(tf.sqrt(v), floor)), size);
        return [tf.sub(kept === null ? value : tf.mul(value, kept), step), v, m];
      });
      const [second, first = {}] = moved.moments as [ParamTree, ParamTree?];
      return { params: moved.params, state: { count, first, second } };
    },
  };
}

const defaults: AdamSettings = { learningRate: 0.001, beta1: 0.9, beta2: 0.999, epsilon: 1e-8 };
const settings = { learningRate: scheduled(amount), beta1: decay, beta2: scheduled(decay), epsilon: amount };

const adamComponent: Component<AdamSettings, ScheduleInputs, Optimizer<AdamState>> = {
  id: "adam",
  source: "https://arxiv.org/abs/1412.6980",
  defaults,
  settings: record(settings),
  create: (chosen, inputs) => createAdam("adam", { ...chosen, weightDecay: 0 }, inputs),
};

/**
 * Adam with bias correction: m = b1 m + (1 - b1) g, v = b2 v + (1 - b2) g^2,
 * w = w - rate * (m / (1 - b1^t)) / (sqrt(v / (1 - b2^t)) + epsilon). With a scheduled b2 the correction uses its current value.
 *
 * Source: Kingma and Ba 2015, arXiv 1412.6980, algorithm 1.
 */
export const adam = defineComponent(adamComponent);

const adamWComponent: Component<AdamWSettings, ScheduleInputs, Optimizer<AdamState>> = {
  id: "adamw",
  source: "https://arxiv.org/abs/1711.05101",
  defaults: { ...defaults, weightDecay: 0.01 },
  settings: record({ ...settings, weightDecay: scheduled(amount) }),
  create: (chosen, inputs) => createAdam("adamw", chosen, inputs),
};

/**
 * Adam with decoupled weight decay: the step of `adam`, with w (1 - rate * weightDecay) instead of w.
 *
 * Source: Loshchilov and Hutter 2019, arXiv 1711.05101, algorithm 2.
 */
export const adamW = defineComponent(adamWComponent);

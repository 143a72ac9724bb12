import type { Component, Optimizer, ParamTree, Scheduled, ScheduleInputs } from "@ganymede/core";
import { defineComponent, mapLeaves } from "@ganymede/core";
import { real, record, scheduled } from "@ganymede/core/config";
import * as tf from "@tensorflow/tfjs-core";
import { moveLeaves } from "./move-leaves.js";

export interface LionSettings {
  readonly learningRate: Scheduled;
  /** Weight of the momentum in the step direction, in [0, 1). */
  readonly beta1: number;
  /** Decay of the momentum, in [0, 1). */
  readonly beta2: number;
  /** Decoupled weight decay. */
  readonly weightDecay: number;
}

type LionState = { readonly first: ParamTree };

const amount = real({ least: 0 });
const decay = real({ least: 0, below: 1 });

const component: Component<LionSettings, ScheduleInputs, Optimizer<LionState>> = {
  id: "lion",
  source: "https://arxiv.org/abs/2302.06675",
  defaults: { learningRate: 0.0001, beta1: 0.9, beta2: 0.99, weightDecay: 0 },
  settings: record({ learningRate: scheduled(amount), beta1: decay, beta2: decay, weightDecay: amount }),
  create({ learningRate, beta1, beta2, weightDecay }, { schedule }) {
    const rates = schedule(learningRate, "lion: learningRate", amount);
    const between = (m: tf.Tensor, g: tf.Tensor, beta: number) => tf.add(tf.mul(m, beta), tf.mul(g, 1 - beta));
    return {
      init: (params) => ({ first: mapLeaves(params, (leaf) => tf.zerosLike(leaf)) }),
      update(grads, { first }, params, progress) {
        const rate = rates.at(progress);
        const moved = moveLeaves(params, grads, [first], (value, g, m) => {
          const sign = tf.sign(between(m as tf.Tensor, g, beta1));
          const direction = weightDecay === 0 ? sign : tf.add(sign, tf.mul(value, weightDecay));
          return [tf.sub(value, tf.mul(direction, rate)), between(m as tf.Tensor, g, beta2)];
        });
        return { params: moved.params, state: { first: moved.moments[0] as ParamTree } };
      },
    };
  },
};

/**
 * Lion: w = w - rate * (sign(b1 m + (1 - b1) g) + weightDecay w), m = b2 m + (1 - b2) g. Every weight moves by the learning rate, so use
 * rates three to ten times smaller than for Adam.
 *
 * Source: Chen et al. 2023, arXiv 2302.06675, algorithm 2.
 */
export const lion = defineComponent(component);

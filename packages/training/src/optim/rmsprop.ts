import type { Component, Optimizer, ParamTree, Scheduled, ScheduleInputs } from "@ganymede/core";
import { defineComponent, mapLeaves } from "@ganymede/core";
import { real, record, scheduled } from "@ganymede/core/config";
import * as tf from "@tensorflow/tfjs-core";
import { moveLeaves } from "./move-leaves.js";

export interface RmsPropSettings {
  readonly learningRate: Scheduled;
  /** Decay of the mean of squared gradients, in [0, 1). */
  readonly decay: number;
  /** Added to the denominator, outside the root. */
  readonly epsilon: number;
}

type RmsPropState = { readonly second: ParamTree };

const amount = real({ least: 0 });
const decay = real({ least: 0, below: 1 });

const component: Component<RmsPropSettings, ScheduleInputs, Optimizer<RmsPropState>> = {
  id: "rmsprop",
  source: "https://www.cs.toronto.edu/~tijmen/csc321/slides/lecture_slides_lec6.pdf",
  defaults: { learningRate: 0.0001, decay: 0.99, epsilon: 1e-8 },
  settings: record({ learningRate: scheduled(amount), decay, epsilon: amount }),
  create(settings, { schedule }) {
    const rates = schedule(settings.learningRate, "rmsprop: learningRate", amount);
    return {
      init: (params) => ({ second: mapLeaves(params, (leaf) => tf.zerosLike(leaf)) }),
      update(grads, { second }, params, progress) {
        const rate = rates.at(progress);
        const moved = moveLeaves(params, grads, [second], (value, g, before) => {
          const kept = tf.mul(before as tf.Tensor, settings.decay);
          const v = tf.add(kept, tf.mul(tf.square(g), 1 - settings.decay));
          return [tf.sub(value, tf.mul(tf.div(g, tf.add(tf.sqrt(v), settings.epsilon)), rate)), v];
        });
        return { params: moved.params, state: { second: moved.moments[0] as ParamTree } };
      },
    };
  },
};

/**
 * RMSprop: v = decay v + (1 - decay) g^2, w = w - rate * g / (sqrt(v) + epsilon). The optimizer of the first Wasserstein GANs.
 *
 * Source: Tieleman and Hinton 2012, lecture 6e; epsilon outside the root as in PyTorch.
 */
export const rmsProp = defineComponent(component);

import { adam, clipByGlobalNorm, scheduleResolver, updateAverage } from "@ganymede/training";
import * as tf from "@tensorflow/tfjs-core";
import type { Adapter } from "../adapter.js";

interface OptimizerConfig {
  readonly steps: number;
  readonly ema_decay: number;
  readonly b_lr: number;
  readonly b_betas: readonly [number, number];
  readonly b_eps: number;
  readonly clip_norm: number;
}

interface Setting {
  readonly rate: number;
  readonly betas: readonly [number, number];
  readonly epsilon: number;
}

export const optimizer: Adapter = (golden) => {
  const config = golden.file.config as unknown as OptimizerConfig;
  const target = golden.tensor("target");
  const gradientAt = (w: tf.Tensor) => tf.mul(tf.sub(w, target), 2);
  const outputs: Record<string, tf.Tensor> = {};
  const beforeTraining = { step: tf.scalar(0), images: tf.scalar(0) };

  const descend = ({ rate, betas, epsilon }: Setting, visit: (w: tf.Tensor, g: tf.Tensor, step: number) => void) => {
    const [beta1, beta2] = betas;
    const method = adam({ learningRate: rate, beta1, beta2, epsilon }).create({ schedule: scheduleResolver() });
    let w = golden.tensor("w0");
    let state = method.init(w);
    for (let step = 1; step <= config.steps; step++) {
      const gradient = gradientAt(w);
      ({ params: w, state } = method.update(gradient, state, w, beforeTraining));
      visit(w, gradient, step);
    }
  };

  const [rate, b1, b2, epsilon] = golden.values("hyper.lr_b1_b2_eps") as unknown as [number, number, number, number];
  let average = golden.tensor("w0");
  descend({ rate, betas: [b1, b2], epsilon }, (w, gradient, step) => {
    average = updateAverage(average, w, config.ema_decay);
    outputs[`g${step - 1}`] = gradient;
    outputs[`w${step}`] = w;
    outputs[`ema${step}_beta${config.ema_decay}`] = average;
  });
  descend({ rate: config.b_lr, betas: config.b_betas, epsilon: config.b_eps }, (w, _, step) => {
    outputs[`b.w${step}`] = w;
  });
  const clipped = clipByGlobalNorm(gradientAt(golden.tensor("w0")), config.clip_norm);
  return { ...outputs, "clip.total_norm": clipped.norm, "clip.grad_after": clipped.grads };
};

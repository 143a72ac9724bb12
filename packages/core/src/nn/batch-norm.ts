import * as tf from "@tensorflow/tfjs-core";
import type { Context } from "../contracts/layer.js";
import { defineLayer } from "../contracts/layer.js";

/** What a norm over the batch keeps from step to step, of each channel. */
export type BatchStatistics = {
  /** `[C]`. */
  readonly mean: tf.Tensor1D;
  /** `[C]`, divisor B H W. */
  readonly variance: tf.Tensor1D;
};

export interface BatchStatisticsOptions {
  /** Number of channels, C, the last axis. */
  readonly width: number;
  /** Added to the variance; 1e-5 where left out. */
  readonly epsilon?: number;
  /** Share of the old statistics that a training step keeps; 0.9 where left out. */
  readonly decay?: number;
  /** What images are drawn with: the running statistics, or, unless they are standing, those of the images' own batch. `running` where left out. */
  readonly sampling?: "running" | "batch";
}

export function initialStatistics(width: number): BatchStatistics {
  return { mean: tf.zeros([width]), variance: tf.ones([width]) };
}

/**
 * x `[..., C]` with mean 0 and variance 1 in each channel: y = (x - mean) / sqrt(variance + epsilon), of the batch in training and of
 * the kept statistics in sampling; training hands in the next statistics, decay old + (1 - decay) new.
 *
 * Source: Ioffe and Szegedy 2015, arXiv 1502.03167, algorithms 1 and 2. The variance kept is the one that was divided by.
 */
export function batchNormalize<T extends tf.Tensor>(
  statistics: BatchStatistics,
  x: T,
  context: Context,
  { epsilon = 1e-5, decay = 0.9, sampling = "running" }: Omit<BatchStatisticsOptions, "width">,
): T {
  const inverse = (variance: tf.Tensor) => tf.rsqrt(tf.add(variance, epsilon));
  if (context.mode !== "training" && (sampling === "running" || context.standing === true)) {
    return tf.mul(tf.sub(x, statistics.mean), inverse(statistics.variance)) as T;
  }
  const positions = x.shape.slice(0, -1).map((_, axis) => axis);
  const mean = tf.mean(x, positions);
  const centred = tf.sub(x, mean);
  const variance = tf.mean(tf.square(centred), positions);
  if (context.mode === "training" && context.update !== undefined) {
    const next = (old: tf.Tensor, now: tf.Tensor) => tf.add(tf.mul(old, decay), tf.mul(now, 1 - decay));
    context.update(statistics.mean, next(statistics.mean, mean), mean);
    context.update(statistics.variance, next(statistics.variance, variance), variance);
  }
  return tf.mul(centred, inverse(variance)) as T;
}

export type BatchNormParams = {
  /** `[C]`. */
  readonly scale: tf.Tensor1D;
  /** `[C]`. */
  readonly shift: tf.Tensor1D;
  readonly statistics: BatchStatistics;
};

/**
 * Batch normalisation with learned scale and shift: y = scale (x - mean) / sqrt(variance + epsilon) + shift, statistics of each channel
 * over the batch and all positions; x `[..., C]`, a map unless another rank is named.
 *
 * Source: Ioffe and Szegedy 2015, arXiv 1502.03167, section 3.
 */
export const batchNorm = <T extends tf.Tensor = tf.Tensor4D>(options: BatchStatisticsOptions) =>
  defineLayer<BatchNormParams, T, T>({
    init: () => ({
      scale: tf.ones([options.width]),
      shift: tf.zeros([options.width]),
      statistics: initialStatistics(options.width),
    }),
    apply: (params, x, context) =>
      tf.add(tf.mul(batchNormalize(params.statistics, x, context, options), params.scale), params.shift),
  });

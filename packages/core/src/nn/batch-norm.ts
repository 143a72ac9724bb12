import * as tf from "@tensorflow/tfjs-core";
import type { Context } from "../contracts/layer.js";
import { defineLayer } from "../contracts/layer.js";

/** Running statistics of each channel. */
export type BatchStatistics = {
  /** `[C]`. */
  readonly mean: tf.Tensor1D;
  /** `[C]`, with divisor B H W. */
  readonly variance: tf.Tensor1D;
};

/** Width, epsilon, decay and mode of the statistics of a norm over the batch. */
export interface BatchStatisticsOptions {
  /** Number of channels, C, the last axis. */
  readonly width: number;
  /** Added to the variance. Default: 1e-5. */
  readonly epsilon?: number;
  /** Fraction of the old running statistics that a training step keeps. Default: 0.9. */
  readonly decay?: number;
  /** Statistics used when sampling: running, or, unless the context is standing, those of the batch. Default: `running`. */
  readonly sampling?: "running" | "batch";
}

export function initialStatistics(width: number): BatchStatistics {
  return { mean: tf.zeros([width]), variance: tf.ones([width]) };
}

/**
 * Normalises x `[..., C]` per channel: y = (x - mean) / sqrt(variance + epsilon), with the batch's statistics in training and the
 * running ones when sampling; training reports the next running statistics, decay old + (1 - decay) new.
 *
 * Source: Ioffe and Szegedy 2015, arXiv 1502.03167, algorithms 1 and 2. The running variance is the biased one used for normalisation.
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

/** Parameters of `batchNorm`. */
export type BatchNormParams = {
  /** `[C]`. */
  readonly scale: tf.Tensor1D;
  /** `[C]`. */
  readonly shift: tf.Tensor1D;
  readonly statistics: BatchStatistics;
};

/**
 * Batch normalisation with learned scale and shift: y = scale (x - mean) / sqrt(variance + epsilon) + shift, with statistics per channel
 * over the batch and all positions. Shape: x `[..., C]`, by default `[B, H, W, C]`.
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

import { differentiate, inference } from "@ganymede/core";
import { createResidualDiscriminator } from "@ganymede/models-vitgan";
import { squaredNorms } from "@ganymede/training";
import * as tf from "@tensorflow/tfjs-core";
import type { Adapter, Golden } from "../adapter.js";
import { flattenedAt, linearAt, toImages, toKernel } from "./layout.js";

interface DiscriminatorConfig {
  readonly size: number;
  readonly channels: readonly number[];
  readonly final_channels: number;
  readonly mbstd_group: number;
  readonly mbstd_channels?: number;
  readonly input_range: readonly [number, number];
  readonly resample_filter: readonly number[];
}

function convolutionAt(golden: Golden, weight: string, bias?: string) {
  const kernel = toKernel(golden.tensor(weight));
  return bias === undefined ? { weight: kernel } : { weight: kernel, bias: golden.tensor<tf.Tensor1D>(bias) };
}

export const discriminator: Adapter = (golden) => {
  const config = golden.file.config as unknown as DiscriminatorConfig;
  const { size, channels, final_channels: finalChannels, input_range: range } = config;
  const x = golden.tensor<tf.Tensor4D>("x");
  const layer = createResidualDiscriminator([size, size, x.shape[1]], {
    kind: "residual",
    channels,
    finalChannels,
    minibatchStdDev: { groupSize: config.mbstd_group, features: config.mbstd_channels ?? 1 },
    blurTaps: config.resample_filter,
  });
  const params = {
    entry: convolutionAt(golden, "frgb.0.weight", "frgb.1.bias"),
    blocks: channels.slice(1).map((_, index) => ({
      first: convolutionAt(golden, `b${index + 1}.conv1.0.weight`, `b${index + 1}.conv1.1.bias`),
      second: convolutionAt(golden, `b${index + 1}.conv2.1.weight`, `b${index + 1}.conv2.2.bias`),
      skip: convolutionAt(golden, `b${index + 1}.skip.1.weight`),
    })),
    exit: convolutionAt(golden, "last_conv.0.weight", "last_conv.1.bias"),
    hidden: flattenedAt(golden, "l1.", finalChannels, size / 2 ** (channels.length - 1)),
    head: { linear: linearAt(golden, "l2.") },
  };
  const [low, high] = range;
  const judge = (images: tf.Tensor4D) =>
    layer.apply(params, tf.sub(tf.mul(tf.sub(toImages(images), low), 2 / (high - low)), 1), inference);
  const { value, gradient } = differentiate(judge, x);
  return { out: tf.expandDims(value, 1), "r1.penalty": tf.reshape(tf.mean(squaredNorms(gradient)), [1]) };
};

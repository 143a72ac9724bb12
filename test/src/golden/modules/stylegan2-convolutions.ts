import {
  blurDown,
  blurForHalving,
  blurUp,
  convolveUp,
  minibatchStdDev,
  modulatedConvolution,
  scaledLeakyRelu,
} from "@ganymede/core/nn";
import * as tf from "@tensorflow/tfjs-core";
import type { Adapter, Golden } from "../adapter.js";
import { fromImages, toImages, toKernel } from "./layout.js";

interface ConvolutionsConfig {
  readonly filter: readonly number[];
  readonly mbstd_group: number;
  readonly mbstd_channels: number;
}

function scaledKernel(weight: tf.Tensor): tf.Tensor4D {
  const [, inputs, height, width] = weight.shape as [number, number, number, number];
  return tf.mul(toKernel(weight), 1 / Math.sqrt(inputs * height * width));
}

function halved(golden: Golden, name: string, taps: readonly number[]): tf.Tensor4D {
  const weight = golden.tensor(`${name}.weight`);
  const blurred = blurForHalving(toImages(golden.tensor(`${name}.x`)), taps, weight.shape[2] as number);
  return tf.conv2d(blurred, scaledKernel(weight), 2, "valid");
}

function modulated(golden: Golden, name: string, taps: readonly number[], up: boolean): tf.Tensor {
  const x = toImages(golden.tensor(`${name}.x`));
  const weight = toKernel(golden.tensor(`${name}.weight`));
  const convolve = (y: tf.Tensor4D, w: tf.Tensor4D) => convolveUp(y, w, taps);
  const style = golden.tensor<tf.Tensor2D>(`${name}.style`);
  return fromImages(modulatedConvolution(x, style, weight, name !== "torgb", up ? convolve : undefined));
}

export const convolutions: Adapter = (golden) => {
  const {
    filter: taps,
    mbstd_group: groupSize,
    mbstd_channels: features,
  } = golden.file.config as unknown as ConvolutionsConfig;
  const sum = taps.reduce((total, tap) => total + tap, 0);
  const sample = toImages(golden.tensor("upsample2d.x"));
  const down3 = tf.add(halved(golden, "conv_down3", taps), golden.tensor("conv_down3.biasAct.bias"));
  const up1 = tf.conv2d(
    blurUp(toImages(golden.tensor("conv_up1.x")), taps),
    scaledKernel(golden.tensor("conv_up1.weight")),
    1,
    "valid",
  );
  return {
    filter: tf.tensor(taps.map((row) => taps.map((column) => (row * column) / sum ** 2))),
    "same.out": modulated(golden, "same", taps, false),
    "up2.out": modulated(golden, "up2", taps, true),
    "torgb.out": modulated(golden, "torgb", taps, false),
    "conv_down3.out": fromImages(tf.mul(scaledLeakyRelu(down3), Math.SQRT1_2) as tf.Tensor4D),
    "conv_down1.out": fromImages(tf.mul(halved(golden, "conv_down1", taps), Math.SQRT1_2)),
    "conv_up1.out": fromImages(tf.mul(up1, Math.SQRT1_2)),
    "upsample2d.out": fromImages(blurUp(sample, taps)),
    "downsample2d.out": fromImages(blurDown(sample, taps)),
    "mbstd.out": fromImages(minibatchStdDev(toImages(golden.tensor("mbstd.x")), { groupSize, features })),
  };
};

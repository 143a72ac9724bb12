import {
  filter,
  keepEvery,
  minibatchDeviation,
  modulatedConvolution,
  scaledLeakyRelu,
  zeroStuff,
} from "@ganymede/core/nn";
import * as tf from "@tensorflow/tfjs-core";
import type { Adapter, Golden } from "../adapter.js";
import { fromImages, toImages, toKernel } from "./layout.js";

interface ConvolutionsConfig {
  readonly filter: readonly number[];
  readonly mbstd_group: number;
}

/** Doubles the size: zeros between the pixels, then a blur that makes up for them. */
function doubled(x: tf.Tensor4D, taps: readonly number[], kernel: number): tf.Tensor4D {
  const before = Math.floor((taps.length + 1) / 2) + Math.floor((kernel - 1) / 2);
  const after = Math.floor((taps.length - 2) / 2) + Math.floor((kernel - 1) / 2);
  return filter(zeroStuff(x), { taps, padding: [before, after], gain: 4 });
}

function scaledKernel(weight: tf.Tensor): tf.Tensor4D {
  const [, inputs, height, width] = weight.shape as [number, number, number, number];
  return tf.mul(toKernel(weight), 1 / Math.sqrt(inputs * height * width));
}

function halved(golden: Golden, name: string, taps: readonly number[]): tf.Tensor4D {
  const weight = golden.tensor(`${name}.weight`);
  const kernel = weight.shape[2] as number;
  const zeros = taps.length - 2 + kernel - 1;
  const padding = [Math.ceil(zeros / 2), Math.floor(zeros / 2)] as const;
  const blurred = filter(toImages(golden.tensor(`${name}.x`)), { taps, padding });
  return tf.conv2d(blurred, scaledKernel(weight), 2, "valid");
}

function modulated(golden: Golden, name: string, taps: readonly number[], up: boolean): tf.Tensor {
  const x = toImages(golden.tensor(`${name}.x`));
  const weight = toKernel(golden.tensor(`${name}.weight`));
  // The source flips the kernel of a convolution that doubles the size, and only there.
  const convolve = (y: tf.Tensor4D, w: tf.Tensor4D) =>
    tf.conv2d(doubled(y, taps, w.shape[0]), tf.reverse4d(w, [0, 1]), 1, "valid");
  const style = golden.tensor<tf.Tensor2D>(`${name}.style`);
  return fromImages(modulatedConvolution(x, style, weight, name !== "torgb", up ? convolve : undefined));
}

export const convolutions: Adapter = (golden) => {
  const { filter: taps, mbstd_group } = golden.file.config as unknown as ConvolutionsConfig;
  const sum = taps.reduce((total, tap) => total + tap, 0);
  const sample = toImages(golden.tensor("upsample2d.x"));
  const down3 = tf.add(halved(golden, "conv_down3", taps), golden.tensor("conv_down3.biasAct.bias"));
  const up1 = tf.conv2d(
    doubled(toImages(golden.tensor("conv_up1.x")), taps, 1),
    scaledKernel(golden.tensor("conv_up1.weight")),
    1,
    "valid",
  );
  const halfPadding = [Math.floor((taps.length - 1) / 2), Math.floor((taps.length - 2) / 2)] as const;
  return {
    filter: tf.tensor(taps.map((row) => taps.map((column) => (row * column) / sum ** 2))),
    "same.out": modulated(golden, "same", taps, false),
    "up2.out": modulated(golden, "up2", taps, true),
    "torgb.out": modulated(golden, "torgb", taps, false),
    "conv_down3.out": fromImages(tf.mul(scaledLeakyRelu(down3), Math.SQRT1_2) as tf.Tensor4D),
    "conv_down1.out": fromImages(tf.mul(halved(golden, "conv_down1", taps), Math.SQRT1_2)),
    "conv_up1.out": fromImages(tf.mul(up1, Math.SQRT1_2)),
    "upsample2d.out": fromImages(doubled(sample, taps, 1)),
    "downsample2d.out": fromImages(keepEvery(padToEven(filter(sample, { taps, padding: halfPadding })))),
    "mbstd.out": fromImages(minibatchDeviation(toImages(golden.tensor("mbstd.x")), mbstd_group)),
  };
};

/** A blur of even length leaves an odd side; the last row and column are never kept. */
function padToEven(x: tf.Tensor4D): tf.Tensor4D {
  const [, height, width] = x.shape;
  return tf.pad4d(x, [
    [0, 0],
    [0, height % 2],
    [0, width % 2],
    [0, 0],
  ]);
}

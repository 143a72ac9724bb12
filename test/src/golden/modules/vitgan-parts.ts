import { inference } from "@ganymede/core";
import {
  equalizedLinear,
  fourierFeatures,
  gridPositions,
  improvedSpectralNorm,
  leadingSingular,
  modulatedConvolution,
  releaseSpectralNorm,
  scaledLeakyRelu,
  selfModulatedNorm,
  spectralNormOf,
} from "@ganymede/core/nn";
import * as tf from "@tensorflow/tfjs-core";
import type { Adapter } from "../adapter.js";
import { fourierAt, fromImages, linearAt, styleAt, toImages, toKernel, toMatrix } from "./layout.js";

export const sln: Adapter = (golden) => {
  const config = golden.file.config as { dim: number; latent_dim: number; eps: number; equalized_lr: boolean };
  const layer = selfModulatedNorm({
    width: config.dim,
    styleWidth: config.latent_dim,
    epsilon: config.eps,
    form: "release",
  });
  // The layer divides its weights by the root of their inputs; plain weights are given that factor first.
  const factor = config.equalized_lr ? 1 : Math.sqrt(config.latent_dim);
  const params = (name: string) => {
    const { weight, bias } = linearAt(golden, `${name}.`);
    return { weight: tf.mul(weight, factor) as tf.Tensor2D, ...(bias === undefined ? {} : { bias }) };
  };
  const input = { x: golden.tensor<tf.Tensor3D>("x"), style: golden.tensor<tf.Tensor2D>("w") };
  return { out: layer.apply({ gamma: params("gamma"), beta: params("beta") }, input, inference) };
};

interface IsnConfig {
  readonly in: number;
  readonly out: number;
  readonly power_iterations: number;
  readonly eps: number;
  readonly std_iterations: number;
  readonly std_eps: number;
  readonly equalized_lr: boolean;
}

export const isn: Adapter = (golden) => {
  const config = golden.file.config as unknown as IsnConfig;
  const norm = (name: string) => leadingSingular(golden.values(name), config.out, config.in).sigma;
  const sigmaInit = norm("w_init");
  const params = { weight: toMatrix(golden.tensor("weight_bar")) };
  const start = { u: golden.constant<tf.Tensor1D>("u"), v: tf.zeros<tf.Rank.R1>([config.in]) };
  const state = { weight: { ...start, sigmaInit: tf.scalar(sigmaInit) } };
  const x = golden.tensor<tf.Tensor2D>("x");
  const bias = golden.tensor<tf.Tensor1D>("bias");
  const layer = equalizedLinear({ inputs: config.in, outputs: config.out });
  const factor = config.equalized_lr ? 1 : Math.sqrt(config.in);
  const through = (weight: tf.Tensor2D) => layer.apply({ weight: tf.mul(weight, factor), bias }, x, inference);

  const release = releaseSpectralNorm<typeof params>({ epsilon: config.eps, iterations: config.power_iterations });
  const released = release.apply(params, state).weight;

  const standard = improvedSpectralNorm<typeof params>({ epsilon: config.std_eps, iterations: config.std_iterations });
  const advanced = standard.advance({ weight: toMatrix(golden.constant("weight_bar")) }, state);
  const vectors = advanced.weight as (typeof advanced)[string];
  const effective = standard.apply(params, advanced).weight;
  const count = config.std_iterations;
  return {
    sigma_init: [sigmaInit],
    sigma_exact: [norm("weight_bar")],
    weight_effective: tf.transpose(released),
    out: through(released),
    [`std.u_after${count}`]: vectors.u,
    [`std.v_after${count}`]: vectors.v,
    "std.sigma": spectralNormOf(params.weight, vectors),
    "std.weight_effective": tf.transpose(effective),
    "std.out": through(effective),
  };
};

interface FourierModconvConfig {
  readonly fourier_dim: number;
  readonly grid: number;
  readonly in: number;
  readonly kernel: number;
  readonly style_dim: number;
  readonly demodulate: boolean;
}

export const fourierModconv: Adapter = (golden) => {
  const config = golden.file.config as unknown as FourierModconvConfig;
  const { grid } = config;
  const positions = gridPositions(grid);
  const features = fourierFeatures({ width: config.fourier_dim }).apply(fourierAt(golden, ""), positions, inference);
  const onGrid = (x: tf.Tensor2D) => fromImages(tf.reshape(x, [1, grid, grid, -1]) as tf.Tensor4D);

  const weight = tf.squeeze(golden.tensor("style.conv.weight"), [0]);
  const scaled = tf.mul(toKernel(weight), 1 / Math.sqrt(config.in * config.kernel ** 2)) as tf.Tensor4D;
  const toStyle = equalizedLinear({ inputs: config.style_dim, outputs: config.in });
  const style = toStyle.apply(
    styleAt(golden, "style.conv.modulation."),
    golden.tensor<tf.Tensor2D>("style.s"),
    inference,
  );
  const x = toImages(golden.tensor("style.x"));
  const y = modulatedConvolution(x, style, scaled, config.demodulate);
  const noise = tf.mul(toImages(golden.tensor("style.noise_plane")), golden.tensor("style.noise.weight"));
  const out = scaledLeakyRelu(tf.add(tf.add(y, noise), golden.tensor("style.activate.bias"))) as tf.Tensor4D;
  return { coords: onGrid(positions), out: onGrid(features), "style.out": fromImages(out) };
};

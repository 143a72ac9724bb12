import {
  augmentedConvolutionLayer,
  localLayer,
  localPerChannelLayer,
  portAugmentedConvolutionLayer,
} from "@ganymede/attention";
import { inference } from "@ganymede/core";
import * as tf from "@tensorflow/tfjs-core";
import type { Adapter, Golden } from "../adapter.js";
import { fromImages, toImages, toKernel, toMatrix } from "./layout.js";

interface LocalConfig {
  readonly in: number;
  readonly out: number;
  readonly kernel: number;
  readonly heads: number;
}

export const localPaper: Adapter = (golden) => {
  const { in: channels, out: outputs, kernel, heads } = golden.file.config as unknown as LocalConfig;
  const params = {
    query: { weight: toMatrix(golden.tensor("w_q")) },
    keys: { weight: toMatrix(golden.tensor("w_k")) },
    value: { weight: toMatrix(golden.tensor("w_v")) },
    rows: golden.tensor<tf.Tensor3D>("rel_rows"),
    columns: golden.tensor<tf.Tensor3D>("rel_cols"),
  };
  const x = toImages(golden.tensor("x"));
  const run = (border: "zeros" | "masked") =>
    fromImages(
      localLayer({ channels, heads }, { kernel, border, scaled: false, output: false }, outputs).apply(
        params,
        x,
        inference,
      ),
    );
  return { "zero_pad.out": run("zeros"), "masked.out": run("masked") };
};

export const localPort: Adapter = (golden) => {
  const { in: channels, out: outputs, kernel } = golden.file.config as unknown as LocalConfig;
  const map = (name: string) => ({
    weight: toMatrix(tf.reshape(golden.tensor(`${name}_conv.weight`), [outputs, channels])),
  });
  const table = (name: string) => toMatrix(tf.reshape(golden.tensor(name), [outputs / 2, kernel]));
  const params = {
    query: map("query"),
    keys: map("key"),
    value: map("value"),
    rows: table("rel_h"),
    columns: table("rel_w"),
  };
  const layer = localPerChannelLayer({ channels, heads: 1 }, { kernel }, outputs);
  return { out: fromImages(layer.apply(params, toImages(golden.tensor("x")), inference)) };
};

interface AugmentedConfig {
  readonly in: number;
  readonly out: number;
  readonly kernel: number;
  readonly dk: number;
  readonly dv: number;
  readonly heads: number;
  readonly shape: number;
  readonly relative: boolean;
  readonly combine: "paper" | "port";
}

function convolutionAt(golden: Golden, name: string) {
  return { weight: toKernel(golden.tensor(`${name}.weight`)), bias: golden.tensor<tf.Tensor1D>(`${name}.bias`) };
}

export const augmented: Adapter = (golden) => {
  const config = golden.file.config as unknown as AugmentedConfig;
  const { in: channels, out: outputs, kernel, dk, dv, heads, shape, relative } = config;
  const variant = config.combine === "paper" ? augmentedConvolutionLayer : portAugmentedConvolutionLayer;
  const settings = {
    kernel,
    projectionKernel: kernel,
    relative,
    keyShare: dk / outputs,
    valueShare: dv / outputs,
  };
  const layer = variant({ channels, heads, grid: [shape, shape] }, settings, outputs);
  const bias = golden.tensor<tf.Tensor1D>("attn_out.bias");
  const params = {
    convolution: convolutionAt(golden, "conv_out"),
    projection: convolutionAt(golden, "qkv_conv"),
    output: { weight: toMatrix(tf.reshape(golden.tensor("attn_out.weight"), [dv, dv])), bias },
    ...(relative
      ? { rows: golden.tensor<tf.Tensor2D>("key_rel_h"), columns: golden.tensor<tf.Tensor2D>("key_rel_w") }
      : {}),
  };
  return { out: fromImages(layer.apply(params, toImages(golden.tensor("x")), inference)) };
};

import { onTokens, sagan } from "@ganymede/attention";
import type { ParamTree } from "@ganymede/core";
import { inference } from "@ganymede/core";
import type { SaganConfig } from "@ganymede/models-sagan";
import { createDiscriminator, createGenerator, presets } from "@ganymede/models-sagan";
import * as tf from "@tensorflow/tfjs-core";
import type { Adapter, Golden } from "../adapter.js";
import { fromImages, toImages, toKernel, toMatrix } from "./layout.js";

interface NetworkConfig {
  readonly img_size: number;
  readonly z_dim: number;
  readonly conv_dim: number;
  readonly num_classes: number;
  readonly conditional: boolean;
  readonly attention_after_block: readonly number[];
  readonly bn_eps: number;
  readonly skip: "plain" | "activated";
}

const configOf = ({ file }: Golden) => file.config as unknown as NetworkConfig;

/** W / (u W v) with the vectors as stored, which are constants for the gradient. */
function normalised(golden: Golden, name: string): tf.Tensor {
  const weight = golden.tensor(`${name}.weight_orig`);
  const rows = tf.reshape(weight, [weight.shape[0] as number, -1]);
  const [u, v] = [golden.constant<tf.Tensor1D>(`${name}.weight_u`), golden.constant<tf.Tensor1D>(`${name}.weight_v`)];
  const sigma = tf.sum(tf.mul(tf.mul(rows, tf.expandDims(u, 1)), v));
  return tf.div(weight, sigma);
}

function withBias<Weight>(golden: Golden, name: string, weight: Weight): { weight: Weight; bias?: tf.Tensor1D } {
  return golden.has(`${name}.bias`) ? { weight, bias: golden.tensor<tf.Tensor1D>(`${name}.bias`) } : { weight };
}

const convolutionAt = (golden: Golden, name: string) => withBias(golden, name, toKernel(normalised(golden, name)));

/** A linear map, or a 1x1 convolution as one of pixels. */
function mapAt(golden: Golden, name: string) {
  const weight = normalised(golden, name);
  return withBias(golden, name, toMatrix(tf.reshape(weight, weight.shape.slice(0, 2))));
}

function statisticsAt(golden: Golden, prefix: string) {
  return {
    mean: golden.tensor<tf.Tensor1D>(`${prefix}running_mean`),
    variance: golden.tensor<tf.Tensor1D>(`${prefix}running_var`),
  };
}

function normAt(golden: Golden, prefix: string) {
  return {
    scale: golden.tensor<tf.Tensor1D>(`${prefix}weight`),
    shift: golden.tensor<tf.Tensor1D>(`${prefix}bias`),
    statistics: statisticsAt(golden, prefix),
  };
}

/** A norm by class, or a plain one where the file has no classes. */
function blockNormAt(golden: Golden, prefix: string) {
  if (!configOf(golden).conditional) return normAt(golden, prefix);
  return {
    scale: { weight: toMatrix(normalised(golden, `${prefix}gain`)) },
    shift: { weight: toMatrix(normalised(golden, `${prefix}bias`)) },
    statistics: statisticsAt(golden, `${prefix}bn.`),
  };
}

function attentionAt(golden: Golden, prefix: string) {
  const attention = {
    query: mapAt(golden, `${prefix}conv1x1_theta`),
    keys: mapAt(golden, `${prefix}conv1x1_phi`),
    value: mapAt(golden, `${prefix}conv1x1_g`),
    output: mapAt(golden, `${prefix}conv1x1_attn`),
  };
  return {
    attention,
    gamma: golden.tensor<tf.Tensor1D>(`${prefix}sigma`),
  };
}

function blocksAt(golden: Golden, prefix: string, count: number, block: (at: string) => ParamTree): ParamTree[] {
  return Array.from({ length: count }, (_, index) => {
    const at = `${prefix}blocks.${index}.0.`;
    return golden.has(`${at}sigma`) ? attentionAt(golden, at) : block(at);
  });
}

const base = presets[0]!.model;

function sizes(golden: Golden): Pick<SaganConfig, "imageSize" | "classes" | "channels"> {
  const { img_size: imageSize, conditional, num_classes } = configOf(golden);
  return { imageSize, channels: 3, classes: conditional ? num_classes : 0 };
}

/** The last map of 4x4 x C as PyTorch flattens it, channels first, in our order. */
function startAt(golden: Golden, channels: number) {
  const { weight, bias } = mapAt(golden, "G.linear0");
  const order = (x: tf.Tensor): tf.Tensor => {
    const rows = x.size / (16 * channels);
    return tf.reshape(tf.transpose(tf.reshape(x, [rows, channels, 16]), [0, 2, 1]), x.shape);
  };
  return { weight: order(weight) as tf.Tensor2D, bias: order(bias as tf.Tensor1D) as tf.Tensor1D };
}

export const generatorNetwork: Adapter = (golden) => {
  const { img_size, conv_dim: width, z_dim, attention_after_block: after, bn_eps: epsilon } = configOf(golden);
  const multiples = img_size === 32 ? [4, 4, 4, 4] : [16, 8, 4, 2, 1];
  const widths = multiples.map((multiple) => multiple * width);
  const norm = { ...base.generator.norm, epsilon, sampling: "running" as const };
  const attentionAt = after.map((place) => 4 * 2 ** place);
  const generator = { ...base.generator, latentSize: z_dim, widths, norm, attentionAt };
  const layer = createGenerator({ ...base, ...sizes(golden), generator }, onTokens(sagan()));
  const params = {
    start: startAt(golden, widths[0] as number),
    blocks: blocksAt(golden, "G.", widths.length - 1 + after.length, (at) => ({
      firstNorm: blockNormAt(golden, `${at}bn1.`),
      first: convolutionAt(golden, `${at}conv2d1`),
      secondNorm: blockNormAt(golden, `${at}bn2.`),
      second: convolutionAt(golden, `${at}conv2d2`),
      skip: mapAt(golden, `${at}conv2d0`),
    })),
    norm: normAt(golden, "G.bn4."),
    output: convolutionAt(golden, "G.conv2d5"),
  };
  const labels = golden.has("label") ? { labels: golden.constant<tf.Tensor1D>("label") } : {};
  return { img: fromImages(layer.apply(params, golden.tensor("z"), { ...inference, ...labels })) };
};

export const discriminatorNetwork: Adapter = (golden) => {
  const { img_size, conv_dim: width, attention_after_block: after, skip } = configOf(golden);
  const multiples = img_size === 32 ? [2, 2, 2, 2] : [1, 2, 4, 8, 16];
  const widths = multiples.map((multiple) => multiple * width);
  const halvings = img_size === 32 ? 2 : 4;
  const attentionAt = after.map((place) => img_size / 2 ** Math.min(place, halvings));
  const discriminator = { ...base.discriminator, widths, halvings, skip, attentionAt };
  const layer = createDiscriminator({ ...base, ...sizes(golden), discriminator }, onTokens(sagan()));
  const params = {
    blocks: blocksAt(golden, "", widths.length + after.length, (at) => ({
      first: convolutionAt(golden, `${at}conv2d1`),
      second: convolutionAt(golden, `${at}conv2d2`),
      ...(golden.has(`${at}conv2d0.weight_orig`) ? { skip: mapAt(golden, `${at}conv2d0`) } : {}),
    })),
    head: {
      linear: mapAt(golden, "linear1"),
      ...(golden.has("embedding.weight_orig")
        ? { classes: { weight: normalised(golden, "embedding") as tf.Tensor2D } }
        : {}),
    },
  };
  const labels = golden.has("label") ? { labels: golden.constant<tf.Tensor1D>("label") } : {};
  return { out: layer.apply(params, toImages(golden.tensor("x")), { ...inference, ...labels }) };
};

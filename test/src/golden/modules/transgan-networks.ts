import { dotProduct, relative } from "@ganymede/attention";
import type { ParamTree } from "@ganymede/core";
import { differentiate, inference } from "@ganymede/core";
import { linear, relativeIndex, splitPatches } from "@ganymede/core/nn";
import type { BlocksOptions, StageConfig } from "@ganymede/models-transgan";
import { blocks, createGenerator, createMultiScaleDiscriminator, enlarge } from "@ganymede/models-transgan";
import { interpolate, squaredNorms } from "@ganymede/training";
import * as tf from "@tensorflow/tfjs-core";
import type { Adapter, Golden } from "../adapter.js";
import { fromImages, linearAt, toImages, toKernel } from "./layout.js";
import { headsAt } from "./transgan-attention.js";

interface BlockFields {
  readonly dim: number;
  readonly heads: number;
  readonly window: number;
  readonly map: readonly [number, number];
  readonly depth: number;
  readonly norm: "ln" | "pn";
  readonly act: string;
  readonly mlp_ratio: number;
  readonly relative_position: boolean;
  readonly embedding_dim: number;
}

const configOf = <Config>({ file }: Golden) => file.config as unknown as Config;

type Shared = Pick<BlockFields, "heads" | "norm" | "act" | "mlp_ratio">;

/** What all blocks of a file have in common; their noise has no strength. */
function shared({ heads, norm, act, mlp_ratio: mlpRatio }: Shared) {
  const activation = act === "gelu" ? ("gelu" as const) : ("leaky-relu" as const);
  return {
    heads,
    mlpRatio,
    norm: norm === "ln" ? ("layer" as const) : ("pixel" as const),
    activation,
    attention: "relative",
    noise: false,
    linear,
  };
}

function normAt(golden: Golden, prefix: string): ParamTree {
  if (!golden.has(`${prefix}norm.weight`)) return {};
  return { scale: golden.tensor(`${prefix}norm.weight`), shift: golden.tensor(`${prefix}norm.bias`) };
}

function blockAt(golden: Golden, prefix: string): ParamTree {
  const table = `${prefix}attn.relative_position_bias_table`;
  return {
    attentionNorm: normAt(golden, `${prefix}norm1.`),
    attention: {
      ...headsAt(golden, `${prefix}attn.`),
      ...(golden.has(table) ? { biases: [{ table: golden.tensor(table) }] } : {}),
    },
    mlpNorm: normAt(golden, `${prefix}norm2.`),
    mlp: { expand: linearAt(golden, `${prefix}mlp.fc1.`), contract: linearAt(golden, `${prefix}mlp.fc2.`) },
  };
}

/** Blocks over a map with the file's settings. */
function blocksOf(golden: Golden, options: Pick<BlocksOptions, "depth" | "grid" | "window">) {
  const config = configOf<BlockFields>(golden);
  const memoryWidth: number | undefined = config.embedding_dim;
  const variant = config.relative_position ? relative() : dotProduct();
  return blocks({ ...shared(config), ...options, width: config.dim, memoryWidth }, variant);
}

export const singleBlock: Adapter = (golden) => {
  const { window } = configOf<BlockFields>(golden);
  const layer = blocksOf(golden, { depth: 1, grid: [window, window], window: null });
  return {
    out: layer.apply({ layers: [blockAt(golden, "")] } as never, { x: golden.tensor("x") }, inference),
    relative_position_index: relativeIndex(window, window),
  };
};

export const gridStage: Adapter = (golden) => {
  const { map, window, depth, dim } = configOf<BlockFields>(golden);
  const x = golden.tensor<tf.Tensor3D>("x");
  const layers = Array.from({ length: depth }, (_, index) => blockAt(golden, `block.${index}.`));
  return {
    out: blocksOf(golden, { depth, grid: map, window }).apply({ layers } as never, { x }, inference),
    partition: splitPatches(tf.reshape(x, [x.shape[0], ...map, dim]), window),
  };
};

export const crossAttentionBlock: Adapter = (golden) => {
  const { map, window } = configOf<BlockFields>(golden);
  const layer = blocksOf(golden, { depth: 1, grid: map, window });
  const input = { x: golden.tensor<tf.Tensor3D>("x"), memory: golden.tensor<tf.Tensor3D>("embedding") };
  const cross = {
    query: linearAt(golden, "cross_attention.q_transform."),
    keys: linearAt(golden, "cross_attention.k_transform."),
    value: linearAt(golden, "cross_attention.v_transform."),
    output: linearAt(golden, "cross_attention.proj."),
  };
  return { out: layer.apply({ layers: [blockAt(golden, "")], cross: [cross] } as never, input, inference) };
};

export const enlargements: Adapter = (golden) => {
  const { map } = configOf<BlockFields>(golden);
  const x = golden.tensor<tf.Tensor3D>("x");
  return {
    "pixelshuffle.out": enlarge(x, map, "pixel-shuffle"),
    "bicubic.out": enlarge(x, map, "bicubic"),
    "updown.out": enlarge(x, map, "smooth"),
  };
};

interface GeneratorFields extends Shared {
  readonly latent_dim: number;
  readonly latent_norm: boolean;
  readonly bottom_width: number;
  readonly gf_dim: number;
  readonly depths: readonly number[];
}

export const generatorNetwork: Adapter = (golden) => {
  const config = configOf<GeneratorFields>(golden);
  const { bottom_width: bottom, gf_dim, depths } = config;
  const stages = depths.map((depth, index): StageConfig => {
    return { width: gf_dim / 4 ** index, depth, enlarge: index === 0 ? "none" : "pixel-shuffle", window: null };
  });
  const layer = createGenerator(
    {
      imageSize: bottom * 4,
      channels: 3,
      classes: 0,
      generator: {
        ...shared(config),
        latentSize: config.latent_dim,
        latentNorm: config.latent_norm,
        bottom,
        stages,
        crossAttention: false,
        locality: null,
        coTraining: false,
      },
    },
    relative(),
  );
  const prefixes = ["blocks.", "upsample_blocks.0.", "upsample_blocks.1."];
  const kernel = toKernel(golden.tensor("deconv.0.weight"));
  const params = {
    start: linearAt(golden, "l1."),
    stages: depths.map((depth, index) => ({
      position: tf.squeeze<tf.Tensor2D>(golden.tensor(`pos_embed_${index + 1}`), [0]),
      blocks: { layers: Array.from({ length: depth }, (_, at) => blockAt(golden, `${prefixes[index]}block.${at}.`)) },
    })),
    output: {
      weight: tf.reshape(kernel, [kernel.shape[2], kernel.shape[3]]) as tf.Tensor2D,
      bias: golden.tensor<tf.Tensor1D>("deconv.0.bias"),
    },
  };
  return { out: fromImages(layer.apply(params as never, golden.tensor("x"), inference)) };
};

interface DiscriminatorFields extends Shared {
  readonly img_size: number;
  readonly patch_size: number;
  readonly df_dim: number;
  readonly depth: number;
  readonly gp_weight: number;
  readonly drift_weight: number;
}

/** A convolution of patches as a linear map of their values. */
function patchesAt(golden: Golden, name: string) {
  const kernel = toKernel(golden.tensor(`${name}.weight`));
  const [height, width, inputs, outputs] = kernel.shape;
  return {
    weight: tf.reshape(kernel, [height * width * inputs, outputs]) as tf.Tensor2D,
    bias: golden.tensor<tf.Tensor1D>(`${name}.bias`),
  };
}

function discriminatorParams(golden: Golden, depth: number) {
  const scale = (index: number) => ({
    embedding: patchesAt(golden, `fRGB_${index}`),
    position: tf.squeeze<tf.Tensor2D>(golden.tensor(`pos_embed_${index}`), [0]),
    groups: [{ layers: Array.from({ length: depth }, (_, at) => blockAt(golden, `blocks_${index}.${at}.`)) }],
  });
  return {
    scales: [scale(1), scale(2)],
    token: tf.reshape(golden.tensor("cls_token"), [-1]) as tf.Tensor1D,
    block: blockAt(golden, "last_block.0."),
    head: { norm: normAt(golden, "norm."), logit: { linear: linearAt(golden, "head.") } },
  };
}

export const discriminatorNetwork: Adapter = (golden) => {
  const config = configOf<DiscriminatorFields>(golden);
  const { img_size, patch_size: patchSize, df_dim, depth } = config;
  const scale = (width: number, side: number) => {
    return { width, patchSize: side, shrink: 1, overlap: false, groups: [{ depth, window: null }] };
  };
  const layer = createMultiScaleDiscriminator(
    [img_size, img_size, 3],
    {
      ...shared(config),
      kind: "multi-scale",
      halving: "2x2",
      scales: [scale((df_dim / 4) * 3, patchSize), scale(df_dim / 4, 2 * patchSize)],
    },
    relative(),
    dotProduct(),
  );
  const params = discriminatorParams(golden, depth);
  const judge = (images: tf.Tensor4D) => layer.apply(params as never, images, inference);
  const images = (name: string) => toImages(golden.tensor(name));

  const between = interpolate(images("gp.real"), images("gp.fake"), tf.reshape(golden.tensor("gp.alpha"), [-1]));
  const norms = tf.sqrt(squaredNorms(differentiate(judge, between).gradient));
  const penalty = tf.mean(tf.square(tf.sub(norms, 1)));
  const [real, fake] = [judge(images("gp.real")), judge(images("gp.fake"))];
  const drift = tf.mul(tf.square(tf.mean(real)), config.drift_weight);
  const loss = tf.addN([tf.sub(tf.mean(fake), tf.mean(real)), tf.mul(penalty, config.gp_weight), drift]);
  const r1 = differentiate(judge, images("gp.real")).gradient;
  const one = (value: tf.Tensor) => tf.reshape(value, [1]);
  return {
    out: tf.expandDims(judge(images("x")), 1),
    "gp.interpolates": fromImages(between),
    "gp.grad_norm": norms,
    "gp.penalty": one(penalty),
    "gp.real_validity": tf.expandDims(real, 1),
    "gp.fake_validity": tf.expandDims(fake, 1),
    "gp.d_loss": one(loss),
    "r1.penalty": one(tf.mean(squaredNorms(r1))),
    "r1.input_grad": fromImages(r1),
  };
};

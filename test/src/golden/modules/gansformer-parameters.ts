import type { GansformerConfig } from "@ganymede/models-gansformer";
import * as tf from "@tensorflow/tfjs-core";
import type { Golden } from "../adapter.js";
import { attentionAt } from "./gansformer-attention.js";
import type { MappingConfig } from "./gansformer-config.js";
import { linearAt, toKernel } from "./layout.js";

/** Parameters of the two stacks of a mapping network; the source keeps no running mean in its files. */
export function mappingAt(golden: Golden, prefix: string, config: MappingConfig) {
  const { num_layers: layers, resnet, ltnt2ltnt, transformer } = config;
  const count = resnet ? Math.floor((layers + 1) / 2) : layers;
  const stack = (name: string, attends: boolean) => ({
    blocks: Array.from({ length: count }, (_, index) => {
      const at = `${prefix}${name}.l${index}.`;
      return {
        ...(resnet
          ? { first: linearAt(golden, `${at}fc0.`), second: linearAt(golden, `${at}fc1.`) }
          : { first: linearAt(golden, at) }),
        ...(attends ? { attention: attentionAt(golden, `${prefix}${name}.sa${index}.`, { kmeans: false }) } : {}),
      };
    }),
    output: linearAt(golden, `${prefix}${name}.out_layer.`),
  });
  return {
    global: stack("global_mlp", false),
    ...(transformer ? { components: stack("mlp", ltnt2ltnt) } : {}),
    statistics: { average: tf.zeros([config.w_dim]) },
  };
}

/** Parameters of one layer; what the config does without is left out. */
function layerAt(golden: Golden, prefix: string, { generator }: GansformerConfig) {
  const { attention, style } = generator;
  const attends = golden.has(`${prefix}transformer.to_queries.weight`) && attention.kind === "bipartite";
  const table = attends && attention.position.kind === "table";
  const places = () => {
    const grid = golden.tensor(`${prefix}grid_pos`);
    return tf.reshape(grid, [-1, grid.shape[2] as number]);
  };
  const bias = `${prefix}biasAct.bias`;
  const noise = () => ({
    strength: tf.reshape(golden.tensor(`${prefix}noise_strength`), []),
    statistics: { constant: golden.tensor(`${prefix}noise_const`) },
  });
  return {
    weight: toKernel(golden.tensor(`${prefix}weight`)),
    ...(style ? { style: linearAt(golden, `${prefix}affine.`) } : {}),
    ...(attends
      ? { attention: attentionAt(golden, `${prefix}transformer.`, { kmeans: attention.variant === "duplex" }) }
      : {}),
    ...(table ? { position: { table: places() } } : {}),
    ...(generator.noise && golden.has(`${prefix}noise_strength`) ? { noise: noise() } : {}),
    ...(golden.has(bias) ? { bias: golden.tensor(bias) } : {}),
  };
}

/** A 1x1 kernel `[out, in, 1, 1]` as a matrix `[in, out]`. */
function pixelMap(weight: tf.Tensor): tf.Tensor {
  return tf.transpose(tf.reshape(weight, weight.shape.slice(0, 2)));
}

function toImageAt(golden: Golden, prefix: string, style: boolean) {
  return {
    weight: pixelMap(golden.tensor(`${prefix}weight`)),
    ...(style ? { style: linearAt(golden, `${prefix}affine.`) } : {}),
    bias: golden.tensor(`${prefix}biasAct.bias`),
  };
}

/** Parameters of a synthesis network. */
export function synthesisAt(golden: Golden, prefix: string, config: GansformerConfig) {
  const sides = Array.from({ length: Math.log2(config.imageSize / 4) + 1 }, (_, index) => 4 * 2 ** index);
  const named = (at: string, names: Readonly<Record<string, string>>) =>
    Object.fromEntries(
      Object.entries(names)
        .filter(([, name]) => golden.has(`${at}${name}.weight`))
        .map(([ours, name]) => [ours, layerAt(golden, `${at}${name}.`, config)]),
    );
  const blocks = sides.map((side) => {
    const at = `${prefix}b${side}.`;
    return {
      ...named(at, { up: "conv0", main: "conv1", last: "conv_last" }),
      ...(golden.has(`${at}skip.weight`) ? { skip: { weight: toKernel(golden.tensor(`${at}skip.weight`)) } } : {}),
      ...(golden.has(`${at}torgb.weight`) ? { toImage: toImageAt(golden, `${at}torgb.`, config.generator.style) } : {}),
    };
  });
  return { start: tf.transpose(golden.tensor(`${prefix}b4.const`), [1, 2, 0]), blocks };
}

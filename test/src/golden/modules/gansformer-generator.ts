import type { ParamsOf } from "@ganymede/core";
import { differentiate, inference } from "@ganymede/core";
import { allWeights, observingAttention } from "@ganymede/core/nn";
import type { GansformerConfig, LayerStyle } from "@ganymede/models-gansformer";
import { attentionMaps, mappingNetwork, synthesisNetwork } from "@ganymede/models-gansformer";
import { pathLengths } from "@ganymede/training";
import * as tf from "@tensorflow/tfjs-core";
import type { Adapter, Golden } from "../adapter.js";
import type { MappingConfig, SynthesisConfig } from "./gansformer-config.js";
import { configFrom, mappingOptions } from "./gansformer-config.js";
import { mappingAt, synthesisAt } from "./gansformer-parameters.js";
import { fromImages, toImages } from "./layout.js";

interface FileConfig {
  readonly k: number;
  readonly z_dim: number;
  readonly w_dim: number;
  readonly img_resolution: number;
  readonly img_channels: number;
  readonly transformer: boolean;
  readonly noise_mode: "const" | "none" | "random";
  readonly mapping: MappingConfig;
  readonly synthesis: SynthesisConfig;
  readonly target: number;
}

const positionsAt = (golden: Golden, used: boolean) => (used ? golden.tensor<tf.Tensor2D>("pos") : undefined);

/** w `[B, k, d]` of z `[B, k, z_dim]`. */
function mapped(golden: Golden, prefix: string, config: MappingConfig, z: tf.Tensor3D): tf.Tensor3D {
  const layer = mappingNetwork(mappingOptions(config));
  const { k, use_pos: places, transformer } = config;
  const mask = golden.has("mask") ? golden.tensor<tf.Tensor2D>("mask") : undefined;
  const positions = positionsAt(golden, transformer && k > 1 && places);
  const params = mappingAt(golden, prefix, config) as ParamsOf<typeof layer>;
  return layer.apply(params, { latents: z, positions, mask }, inference);
}

export const mapping: Adapter = (golden) => {
  const config = golden.file.config as unknown as MappingConfig & { readonly num_broadcast: number };
  const w = mapped(golden, "", config, golden.tensor<tf.Tensor3D>("z"));
  return { out: tf.tile(tf.expandDims(w, 2), [1, 1, config.num_broadcast, 1]) };
};

interface Drawing {
  readonly golden: Golden;
  readonly prefix: string;
  readonly file: FileConfig;
  readonly config: GansformerConfig;
}

/** Images of latents `[B, k, d]` for each layer. */
function drawn({ golden, prefix, file, config }: Drawing, batch: number, latentsAt: (layer: number) => tf.Tensor3D) {
  const { k, transformer, w_dim: width, synthesis } = file;
  const layer = synthesisNetwork(config);
  const styleAt = (at: number): LayerStyle => {
    const latents = latentsAt(at);
    const global = tf.reshape(tf.slice3d(latents, [0, k - 1, 0], [batch, 1, width]), [batch, width]) as tf.Tensor2D;
    const components = tf.slice3d(latents, [0, 0, 0], [batch, k - 1, width]);
    return { ...(synthesis.style ? { global } : {}), ...(transformer ? { components } : {}) };
  };
  const latentPositions = positionsAt(golden, transformer && synthesis.use_pos);
  const params = synthesisAt(golden, prefix, config) as unknown as ParamsOf<typeof layer>;
  const weights: tf.Tensor4D[] = [];
  const context = observingAttention(inference, (attention) => weights.push(allWeights(attention)));
  return { images: layer.apply(params, { batch, styleAt, latentPositions }, context), weights, styles: layer.styles };
}

const drawingOf = (golden: Golden, prefix: string): Drawing => {
  const file = golden.file.config as unknown as FileConfig;
  return { golden, prefix, file, config: configFrom(file) };
};

export const generator: Adapter = (golden) => {
  const drawing = drawingOf(golden, "synthesis.");
  const { file } = drawing;
  const z = golden.tensor<tf.Tensor3D>("z");
  const { k, z_dim, w_dim, transformer } = file;
  const w = mapped(golden, "mapping.", { ...file.mapping, k, z_dim, w_dim, transformer }, z);
  const { images, weights, styles } = drawn(drawing, z.shape[0], () => w);
  return {
    out: fromImages(images),
    ws: tf.tile(tf.expandDims(w, 2), [1, 1, styles, 1]),
    ...(weights.length === 0 ? {} : { att_maps: attentionMaps(weights, file.img_resolution) }),
  };
};

export const pathLength: Adapter = (golden) => {
  const drawing = drawingOf(golden, "");
  const ws = golden.tensor<tf.Tensor4D>("ws"); // [B, k, L, d]
  const [batch, rows, layers, width] = ws.shape;
  const noise = toImages(golden.tensor("noise"));
  const imagesOf = (all: tf.Tensor4D) => {
    const at = (layer: number) =>
      tf.reshape(tf.slice4d(all, [0, 0, layer, 0], [batch, rows, 1, width]), [batch, rows, width]) as tf.Tensor3D;
    return drawn(drawing, batch, at).images;
  };
  const { gradient } = differentiate((all: tf.Tensor4D) => tf.mul(imagesOf(all), noise), ws);
  const flat = tf.reshape(tf.transpose(gradient, [0, 2, 1, 3]), [batch, layers, rows * width]) as tf.Tensor3D;
  const lengths = pathLengths(flat);
  const { target } = drawing.file;
  return {
    img: fromImages(imagesOf(ws)),
    pl_grads: gradient,
    lengths,
    lengths_release_axes: tf.sqrt(tf.mean(tf.sum(tf.square(gradient), 2), 1)),
    [`penalty_mean_target_${target}`]: tf.reshape(tf.mean(tf.square(tf.sub(lengths, target))), [1]),
  };
};

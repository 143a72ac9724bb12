import { releaseDotProduct, releaseL2 } from "@ganymede/attention";
import type { ParamTree } from "@ganymede/core";
import { inference, leaves } from "@ganymede/core";
import type { SpectralNormState } from "@ganymede/core/nn";
import { mappingNetwork, releaseSpectralNorm } from "@ganymede/core/nn";
import type { VitganConfig } from "@ganymede/models-vitgan";
import { createGenerator, generatorBlock, presets } from "@ganymede/models-vitgan";
import * as tf from "@tensorflow/tfjs-core";
import type { Adapter, Golden } from "../adapter.js";
import { fourierAt, fromImages, linearAt, styleAt, toMatrix } from "./layout.js";

const variants = { l2: releaseL2(), dot: releaseDotProduct() };

/** Where the four normalised maps of a block lie in the file and in our tree. */
const projections = [
  ["attn.to_qkv", "attention.projection"],
  ["attn.to_out.0", "attention.output"],
  ["ff.net.0", "mlp.expand"],
  ["ff.net.3", "mlp.contract"],
] as const;

/** A block's parameters, and the state of its spectral norms by the paths under `path`. */
function blockAt(golden: Golden, prefix: string, path: string, normalised: boolean) {
  const vectors: Record<string, SpectralNormState[string]> = {};
  const map = (index: number) => {
    const [name, place] = projections[index] as (typeof projections)[number];
    if (!normalised) return linearAt(golden, `${prefix}${name}.`);
    const weight = toMatrix(golden.tensor(`${prefix}${name}.module.weight_bar`));
    vectors[`${path}${place}.weight`] = {
      u: golden.tensor<tf.Tensor1D>(`${prefix}${name}.module.weight_u`),
      v: tf.zeros<tf.Rank.R1>([weight.shape[0]]),
      sigmaInit: tf.reshape(golden.tensor(`${prefix}${name}.sigma_init`), []) as tf.Scalar,
    };
    const bias = `${prefix}${name}.module.bias`;
    return golden.has(bias) ? { weight, bias: golden.tensor<tf.Tensor1D>(bias) } : { weight };
  };
  const norm = (name: string) => ({
    gamma: linearAt(golden, `${prefix}${name}.mlp_gamma.`),
    beta: linearAt(golden, `${prefix}${name}.mlp_beta.`),
  });
  const params = {
    attentionNorm: norm("layernorm1"),
    attention: {
      projection: map(0),
      output: map(1),
      temperature: golden.tensor<tf.Tensor1D>(`${prefix}attn.temperature`),
    },
    mlpNorm: norm("layernorm2"),
    mlp: { expand: map(2), contract: map(3) },
  };
  return { params, vectors };
}

function normalise<Params extends ParamTree>(params: Params, vectors: SpectralNormState, epsilon: number): Params {
  const paths = new Set(leaves(params).map(({ path }) => path));
  const unknown = Object.keys(vectors).filter((path) => !paths.has(path));
  if (unknown.length > 0) throw new Error(`no weight lies at ${unknown.join(", ")}`);
  return releaseSpectralNorm<Params>({ epsilon }).apply(params, vectors);
}

interface BlockConfig {
  readonly dim: number;
  readonly heads: number;
  readonly dim_head: number;
  readonly mlp_dim: number;
  readonly attention: keyof typeof variants;
  readonly spectral_norm: boolean;
  readonly sln_eps: number;
  readonly isn_eps: number;
}

export const block: Adapter = (golden) => {
  const config = golden.file.config as unknown as BlockConfig;
  const x = golden.tensor<tf.Tensor3D>("x");
  const layer = generatorBlock(
    {
      width: config.dim,
      heads: config.heads,
      headWidth: config.dim_head,
      mlpWidth: config.mlp_dim,
      form: "release",
      latentInput: "modulation",
      normEpsilon: config.sln_eps,
    },
    [1, x.shape[1]],
    variants[config.attention],
  );
  const { params, vectors } = blockAt(golden, "", "", config.spectral_norm);
  const input = { x, style: golden.tensor<tf.Tensor2D>("w") };
  return { out: layer.apply(normalise(params, vectors, config.isn_eps), input, inference) };
};

interface GeneratorFileConfig extends BlockConfig {
  readonly token_grid: number;
  readonly size: number;
  readonly depth: number;
  readonly mapping_layers: number;
  readonly decoder_mapping_layers: number;
  readonly decoder_channels: number;
  readonly lr_mul: number;
  readonly mode: "train" | "eval";
}

function configOf(config: GeneratorFileConfig): VitganConfig {
  const release = presets.find((preset) => preset.id === "vitgan-cifar10-release")?.model as VitganConfig;
  const output: VitganConfig["generator"]["output"] = {
    kind: "implicit",
    hidden: [config.decoder_channels, config.decoder_channels, config.decoder_channels],
    mappingLayers: config.decoder_mapping_layers,
    noise: true,
  };
  return {
    ...release,
    imageSize: config.size,
    generator: {
      ...release.generator,
      latentSize: config.dim,
      mappingLayers: config.mapping_layers,
      mappingMultiplier: config.lr_mul,
      patchSize: config.size / config.token_grid,
      width: config.dim,
      depth: config.depth,
      heads: config.heads,
      headWidth: config.dim_head,
      mlpWidth: config.mlp_dim,
      normEpsilon: config.sln_eps,
      output,
    },
  };
}

/** A 1x1 kernel `[1, out, in, 1, 1]` with its style, as ours. */
function modulatedAt(golden: Golden, prefix: string) {
  const weight = golden.tensor(`${prefix}weight`);
  const matrix = toMatrix(tf.reshape(weight, weight.shape.slice(1, 3)));
  return { weight: matrix, style: styleAt(golden, `${prefix}modulation.`) };
}

function decoderAt(golden: Golden, mappingLayers: number) {
  const layer = (prefix: string) => ({
    map: modulatedAt(golden, `${prefix}.conv.`),
    bias: golden.tensor<tf.Tensor1D>(`${prefix}.activate.bias`),
    noise: golden.tensor<tf.Tensor1D>(`${prefix}.noise.weight`),
  });
  return {
    mapping: mappingAt(golden, "cips.style.", mappingLayers),
    position: fourierAt(golden, "cips.lff.ffm.conv."),
    layers: [layer("cips.conv1"), layer("cips.layers.0"), layer("cips.layers.1")],
    color: {
      map: modulatedAt(golden, "cips.to_rgbs.0.conv."),
      bias: tf.reshape(golden.tensor("cips.to_rgbs.0.bias"), [-1]) as tf.Tensor1D,
    },
  };
}

function mappingAt(golden: Golden, prefix: string, layers: number) {
  return Array.from({ length: layers }, (_, index) => linearAt(golden, `${prefix}${index + 1}.`));
}

export const generator: Adapter = (golden) => {
  const config = golden.file.config as unknown as GeneratorFileConfig;
  const ours = configOf(config);
  const blocks = Array.from({ length: config.depth }, (_, index) =>
    blockAt(golden, `layers.${index}.`, `blocks.${index}.`, true),
  );
  const mapping = mappingAt(golden, "style.", config.mapping_layers);
  const params = {
    mapping,
    position: fourierAt(golden, "lff.ffm.conv."),
    blocks: blocks.map((entry) => entry.params),
    norm: {
      gamma: linearAt(golden, "layernorm.mlp_gamma."),
      beta: linearAt(golden, "layernorm.mlp_beta."),
    },
    output: decoderAt(golden, config.decoder_mapping_layers),
  };
  const vectors = Object.assign({}, ...blocks.map((entry) => entry.vectors)) as SpectralNormState;
  const z = golden.tensor<tf.Tensor2D>("z");
  const images = createGenerator(ours, releaseL2()).apply(normalise(params, vectors, config.isn_eps), z, inference);
  const shown = tf.add(tf.mul(fromImages(images), 0.5), 0.5);
  const network = mappingNetwork({
    inputs: config.dim,
    width: config.dim,
    layers: config.mapping_layers,
    multiplier: config.lr_mul,
  });
  return {
    out: config.mode === "eval" ? tf.clipByValue(shown, 0, 1) : shown,
    w: network.apply(mapping, z, inference),
  };
};

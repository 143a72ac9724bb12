import { refId } from "@ganymede/core";
import type { ReferenceWeights, WeightRule, WeightsNeed } from "@ganymede/core/weights";
import {
  flattenedChwToHwc,
  layerRules,
  leafRule,
  listRules,
  networkWeights,
  oihwToHwio,
  pixelMatrix,
  plus,
  reshaped,
  rulesAt,
  sequence,
  transposeLinear,
  vectorRule,
  weightsNeed,
} from "@ganymede/core/weights";
import type { GeneratorConfig, VitganConfig } from "./config.js";

const need: WeightsNeed = weightsNeed("vitgan: weights of the release", "the preset vitgan-cifar10-release");

/**
 * The norm that a normalised weight began with, which the files do not keep: the one expected of a random matrix of N(0, 1),
 * sqrt(inputs) + sqrt(outputs). The release takes that of another random matrix when it loads a file.
 */
function initialNorm(ours: string, inputs: number, outputs: number): WeightRule {
  const norm = { shape: [], data: Float32Array.of(Math.sqrt(inputs) + Math.sqrt(outputs)) };
  return { ours, vectors: true, theirs: [], layout: { parts: 0, read: () => norm, write: () => [] } };
}

/** A linear map under the release's spectral normalisation. */
function normalisedRules(ours: string, theirs: string, inputs: number, outputs: number, bias = true): WeightRule[] {
  return [
    leafRule(`${ours}.weight`, `${theirs}.module.weight_bar`, transposeLinear),
    ...(bias ? [leafRule(`${ours}.bias`, `${theirs}.module.bias`)] : []),
    vectorRule(`${ours}.weight.u`, `${theirs}.module.weight_u`),
    initialNorm(`${ours}.weight.sigmaInit`, inputs, outputs),
  ];
}

const styledNorm = [...layerRules("gamma", "mlp_gamma"), ...layerRules("beta", "mlp_beta")];

function blockRules({ width, heads, headWidth, mlpWidth }: GeneratorConfig): WeightRule[] {
  const inner = heads * (headWidth ?? width / heads);
  return [
    ...rulesAt("attentionNorm", "layernorm1", styledNorm),
    ...normalisedRules("attention.projection", "attn.to_qkv", width, 3 * inner, false),
    ...normalisedRules("attention.output", "attn.to_out.0", inner, width),
    leafRule("attention.temperature", "attn.temperature"),
    ...rulesAt("mlpNorm", "layernorm2", styledNorm),
    ...normalisedRules("mlp.expand", "ff.net.0", width, mlpWidth),
    ...normalisedRules("mlp.contract", "ff.net.3", mlpWidth, width),
  ];
}

/** z to w (the files count layers from 1, behind a normalisation), and Fourier features (there a 1x1 convolution of coordinates). */
const entryRules = (layers: number, width: number): WeightRule[] => [
  ...Array.from({ length: layers }, (_, index) => layerRules(`mapping.${index}`, `style.${index + 1}`)).flat(),
  ...layerRules("position", "lff.ffm.conv", pixelMatrix(2, width)),
];

/** A modulated 1x1 convolution, to whose style the files' bias does not add 1. */
function modulatedRules(ours: string, theirs: string, inputs: number, outputs: number): WeightRule[] {
  const layout = sequence(reshaped([1, outputs, inputs, 1, 1], [outputs, inputs]), transposeLinear);
  return [
    leafRule(`${ours}.weight`, `${theirs}.weight`, layout),
    leafRule(`${ours}.style.weight`, `${theirs}.modulation.weight`, transposeLinear),
    leafRule(`${ours}.style.bias`, `${theirs}.modulation.bias`, plus(1)),
  ];
}

function decoderRules(hidden: readonly number[], width: number, channels: number): WeightRule[] {
  const layers = hidden.flatMap((outputs, index) => {
    const [ours, theirs] = [`layers.${index}`, index === 0 ? "conv1" : `layers.${index - 1}`];
    return [
      ...modulatedRules(`${ours}.map`, `${theirs}.conv`, hidden[index - 1] ?? width, outputs),
      leafRule(`${ours}.bias`, `${theirs}.activate.bias`),
      leafRule(`${ours}.noise`, `${theirs}.noise.weight`),
    ];
  });
  return [
    ...layers,
    ...modulatedRules("color.map", "to_rgbs.0.conv", hidden.at(-1) ?? width, channels),
    leafRule("color.bias", "to_rgbs.0.bias", reshaped([1, channels, 1, 1], [channels])),
  ];
}

function generatorRules({ channels, classes, generator }: VitganConfig): WeightRule[] {
  const { width, depth, mappingLayers, form, latentInput, weightNorm, attention, output } = generator;
  const variant = refId(attention);
  const implicit = output.kind === "implicit" && output.hidden.length === 3 && output.noise;
  need(classes === 0, `classes 0, got ${classes}`);
  need(form === "release" && latentInput === "modulation", "generator.form release and latentInput modulation");
  need(weightNorm === "release-spectral", `generator.weightNorm release-spectral, got ${weightNorm}`);
  need(variant.startsWith("vitgan-release-"), `generator.attention vitgan-release-l2, got ${variant}`);
  need(implicit, "an implicit output of 3 layers with noise");
  return [
    ...entryRules(mappingLayers, width),
    ...listRules("blocks", "layers", depth, blockRules(generator)),
    ...rulesAt("norm", "layernorm", styledNorm),
    ...rulesAt("output", "cips", [
      ...entryRules(output.mappingLayers, width),
      ...decoderRules(output.hidden, width, channels),
    ]),
  ];
}

/** A convolution and the bias of the activation behind it. */
const convolutionRules = (ours: string, theirs: string, bias: string): WeightRule[] => [
  leafRule(`${ours}.weight`, `${theirs}.weight`, oihwToHwio),
  leafRule(`${ours}.bias`, bias),
];

const halvingRules: readonly WeightRule[] = [
  ...convolutionRules("first", "conv1.0", "conv1.1.bias"),
  ...convolutionRules("second", "conv2.1", "conv2.2.bias"),
  leafRule("skip.weight", "skip.1.weight", oihwToHwio),
];

function discriminatorRules({ imageSize, classes, discriminator }: VitganConfig): WeightRule[] {
  need(classes === 0, `classes 0, got ${classes}`);
  need(discriminator.kind === "residual", `discriminator.kind residual, got ${discriminator.kind}`);
  const { channels, finalChannels } = discriminator;
  const blocks = channels.length - 1;
  const pixels = (imageSize / 2 ** blocks) ** 2;
  return [
    ...convolutionRules("entry", "layers.0.0", "layers.0.1.bias"),
    ...listRules("blocks", "layers", blocks, halvingRules, 1),
    ...convolutionRules("exit", "last_conv.0", "last_conv.1.bias"),
    ...layerRules("hidden", "linear.l1", flattenedChwToHwc(finalChannels, pixels, finalChannels)),
    ...layerRules("head.linear", "linear.l2"),
  ];
}

/** A vector of another length than its use, a bias that stays 0, norms of the start, filters, and two heads that no loss reads. */
const ignored = [/(\.weight_v|to_qkv\.(module\.)?bias|\.module\.weight|sigma_init|\.kernel)$/, /^projection2?\./];

/** Names and layouts of the authors' release. */
export const weights: ReferenceWeights<VitganConfig> = {
  source: "https://github.com/mlpc-ucsd/ViTGAN",
  generator: (config) => networkWeights(generatorRules(config), ignored),
  discriminator: (config) => networkWeights(discriminatorRules(config), ignored),
  // Each of its files holds one network.
  places: { generator: [], average: [], discriminator: [] },
};

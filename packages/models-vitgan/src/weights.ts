import type { ReferenceWeights, WeightRule } from "@ganymede/core";
import {
  flattenedPicture,
  GanymedeError,
  inTurn,
  kernel,
  layerRules,
  leafRule,
  matrix,
  networkWeights,
  plus,
  refId,
  reshaped,
  rulesAt,
  vectorRule,
} from "@ganymede/core";
import type { GeneratorConfig, OutputConfig, ResidualDiscriminatorConfig, VitganConfig } from "./config.js";

type ImplicitOutput = Extract<OutputConfig, { kind: "implicit" }>;

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
    leafRule(`${ours}.weight`, `${theirs}.module.weight_bar`, matrix),
    ...(bias ? [leafRule(`${ours}.bias`, `${theirs}.module.bias`)] : []),
    vectorRule(`${ours}.weight.u`, `${theirs}.module.weight_u`),
    initialNorm(`${ours}.weight.sigmaInit`, inputs, outputs),
  ];
}

const styledNormRules = (ours: string, theirs: string): WeightRule[] => [
  ...layerRules(`${ours}.gamma`, `${theirs}.mlp_gamma`),
  ...layerRules(`${ours}.beta`, `${theirs}.mlp_beta`),
];

function blockRules({ width, heads, headWidth, mlpWidth }: GeneratorConfig): WeightRule[] {
  const inner = heads * (headWidth ?? width / heads);
  return [
    ...styledNormRules("attentionNorm", "layernorm1"),
    ...normalisedRules("attention.projection", "attn.to_qkv", width, 3 * inner, false),
    ...normalisedRules("attention.output", "attn.to_out.0", inner, width),
    leafRule("attention.temperature", "attn.temperature"),
    ...styledNormRules("mlpNorm", "layernorm2"),
    ...normalisedRules("mlp.expand", "ff.net.0", width, mlpWidth),
    ...normalisedRules("mlp.contract", "ff.net.3", mlpWidth, width),
  ];
}

/** The files begin to count behind a normalisation. */
function mappingRules(ours: string, theirs: string, layers: number): WeightRule[] {
  return Array.from({ length: layers }, (_, index) => layerRules(`${ours}.${index}`, `${theirs}.${index + 1}`)).flat();
}

/** Fourier features, a 1x1 convolution of two coordinates there. */
function positionRules(ours: string, theirs: string, width: number): WeightRule[] {
  return layerRules(ours, `${theirs}.ffm.conv`, inTurn(reshaped([width, 2, 1, 1], [width, 2]), matrix));
}

/** A modulated 1x1 convolution, to whose style the files' bias does not add 1. */
function modulatedRules(ours: string, theirs: string, inputs: number, outputs: number): WeightRule[] {
  return [
    leafRule(
      `${ours}.weight`,
      `${theirs}.weight`,
      inTurn(reshaped([1, outputs, inputs, 1, 1], [outputs, inputs]), matrix),
    ),
    leafRule(`${ours}.style.weight`, `${theirs}.modulation.weight`, matrix),
    leafRule(`${ours}.style.bias`, `${theirs}.modulation.bias`, plus(1)),
  ];
}

function decoderRules({ hidden, mappingLayers }: ImplicitOutput, width: number, channels: number): WeightRule[] {
  const layers = hidden.flatMap((outputs, index) => {
    const [ours, theirs] = [`layers.${index}`, index === 0 ? "conv1" : `layers.${index - 1}`];
    return [
      ...modulatedRules(`${ours}.map`, `${theirs}.conv`, hidden[index - 1] ?? width, outputs),
      leafRule(`${ours}.bias`, `${theirs}.activate.bias`),
      leafRule(`${ours}.noise`, `${theirs}.noise.weight`),
    ];
  });
  return [
    ...mappingRules("mapping", "style", mappingLayers),
    ...positionRules("position", "lff", width),
    ...layers,
    ...modulatedRules("color.map", "to_rgbs.0.conv", hidden.at(-1) as number, channels),
    leafRule("color.bias", "to_rgbs.0.bias", reshaped([1, channels, 1, 1], [channels])),
  ];
}

function demand(holds: boolean, rule: string): void {
  if (holds) return;
  throw new GanymedeError(
    "unsupported",
    `vitgan: weights of the release need ${rule}; choose the preset vitgan-cifar10-release`,
  );
}

function generatorRules({ channels, classes, generator }: VitganConfig): WeightRule[] {
  demand(classes === 0, `classes 0, got ${classes}`);
  const { width, depth, mappingLayers, form, latentInput, weightNorm, attention, output } = generator;
  demand(form === "release" && latentInput === "modulation", "generator.form release and latentInput modulation");
  demand(weightNorm === "release-spectral", `generator.weightNorm release-spectral, got ${weightNorm}`);
  demand(
    refId(attention).startsWith("vitgan-release-"),
    `generator.attention vitgan-release-l2, got ${refId(attention)}`,
  );
  demand(
    output.kind === "implicit" && output.hidden.length === 3 && output.noise,
    "an implicit output of 3 layers with noise",
  );
  return [
    ...mappingRules("mapping", "style", mappingLayers),
    ...positionRules("position", "lff", width),
    ...Array.from({ length: depth }, (_, index) =>
      rulesAt(`blocks.${index}`, `layers.${index}`, blockRules(generator)),
    ).flat(),
    ...styledNormRules("norm", "layernorm"),
    ...rulesAt("output", "cips", decoderRules(output as ImplicitOutput, width, channels)),
  ];
}

function discriminatorRules({ imageSize, classes, discriminator }: VitganConfig): WeightRule[] {
  demand(classes === 0, `classes 0, got ${classes}`);
  demand(discriminator.kind === "residual", `discriminator.kind residual, got ${discriminator.kind}`);
  const { channels, finalChannels } = discriminator as ResidualDiscriminatorConfig;
  const convolution = (ours: string, theirs: string, bias: string): WeightRule[] => [
    leafRule(`${ours}.weight`, `${theirs}.weight`, kernel),
    leafRule(`${ours}.bias`, bias),
  ];
  const side = imageSize / 2 ** (channels.length - 1);
  return [
    ...convolution("entry", "layers.0.0", "layers.0.1.bias"),
    ...channels.slice(1).flatMap((_, index) => {
      const [ours, theirs] = [`blocks.${index}`, `layers.${index + 1}`];
      return [
        ...convolution(`${ours}.first`, `${theirs}.conv1.0`, `${theirs}.conv1.1.bias`),
        ...convolution(`${ours}.second`, `${theirs}.conv2.1`, `${theirs}.conv2.2.bias`),
        leafRule(`${ours}.skip.weight`, `${theirs}.skip.1.weight`, kernel),
      ];
    }),
    ...convolution("exit", "last_conv.0", "last_conv.1.bias"),
    ...layerRules("hidden", "linear.l1", flattenedPicture(finalChannels, side ** 2, finalChannels)),
    ...layerRules("head", "linear.l2"),
  ];
}

/** A vector of another length than its use, a bias that stays 0, norms of the start, filters, and two heads that no loss reads. */
const ignored = [
  /\.weight_v$/,
  /to_qkv\.(module\.)?bias$/,
  /\.module\.weight$/,
  /sigma_init$/,
  /\.kernel$/,
  /^projection2?\./,
];

/** Names and layouts of the authors' release. */
export const weights: ReferenceWeights<VitganConfig> = {
  source: "https://github.com/mlpc-ucsd/ViTGAN",
  generator: (config) => networkWeights(generatorRules(config), ignored),
  discriminator: (config) => networkWeights(discriminatorRules(config), ignored),
  // Each of its files holds one network.
  places: { generator: [], average: [], discriminator: [] },
};

import { refId } from "@ganymede/core";
import type { ReferenceWeights, WeightLayout, WeightRule, WeightsNeed } from "@ganymede/core/weights";
import {
  normRules as affineRules,
  asIs,
  leafRule,
  networkWeights,
  oihwToHwio,
  pixelMatrix,
  reshaped,
  rulesAt,
  sequence,
  transposed,
  transposeLinear,
  vectorRule,
  weightsNeed,
} from "@ganymede/core/weights";
import type { DiscriminatorConfig, GeneratorConfig, SaganConfig } from "./config.js";
import { discriminatorSides, generatorSides, withAttention } from "./config.js";

const need: WeightsNeed = weightsNeed("sagan: weights of PyTorch-StudioGAN", "the preset sagan-cifar10");

/** A layer under spectral normalisation: its weight as stored, and the two vectors of the power iteration. */
function normalised(ours: string, theirs: string, weight: WeightLayout, u = asIs, v = asIs): WeightRule[] {
  return [
    leafRule(`${ours}.weight`, `${theirs}.weight_orig`, weight),
    vectorRule(`${ours}.weight.u`, `${theirs}.weight_u`, u),
    vectorRule(`${ours}.weight.v`, `${theirs}.weight_v`, v),
  ];
}

const bias = (ours: string, theirs: string) => leafRule(`${ours}.bias`, `${theirs}.bias`);

/** A 3x3 convolution, whose inputs come before its taps there. */
function convolutionRules(ours: string, theirs: string, inputs: number): WeightRule[] {
  const size = [9 * inputs];
  const taps = sequence(
    sequence(reshaped(size, [inputs, 3, 3]), transposed([1, 2, 0])),
    reshaped([3, 3, inputs], size),
  );
  return [...normalised(ours, theirs, oihwToHwio, asIs, taps), bias(ours, theirs)];
}

/** A 1x1 convolution, a linear map of pixels here. */
const pixelRules = (ours: string, theirs: string, inputs: number, outputs: number) =>
  normalised(ours, theirs, pixelMatrix(inputs, outputs));

function attentionRules(channels: number): WeightRule[] {
  const [keys, values] = [channels / 8, channels / 2];
  return [
    ...pixelRules("attention.query", "conv1x1_theta", channels, keys),
    ...pixelRules("attention.keys", "conv1x1_phi", channels, keys),
    ...pixelRules("attention.value", "conv1x1_g", channels, values),
    ...pixelRules("attention.output", "conv1x1_attn", values, channels),
    leafRule("gamma", "sigma"),
  ];
}

function statisticsRules(ours: string, theirs: string): WeightRule[] {
  return [
    leafRule(`${ours}.statistics.mean`, `${theirs}.running_mean`),
    leafRule(`${ours}.statistics.variance`, `${theirs}.running_var`),
  ];
}

const normRules = (ours: string, theirs: string) => [...affineRules(ours, theirs), ...statisticsRules(ours, theirs)];

function classNormRules(ours: string, theirs: string): WeightRule[] {
  return [
    ...normalised(`${ours}.scale`, `${theirs}.gain`, transposeLinear),
    ...normalised(`${ours}.shift`, `${theirs}.bias`, transposeLinear),
    ...statisticsRules(ours, `${theirs}.bn`),
  ];
}

/** The first map, flattened channels first there and channels last here. */
function startRules(latentSize: number, channels: number): WeightRule[] {
  const size = 16 * channels;
  const flat = sequence(sequence(reshaped([size], [channels, 16]), transposeLinear), reshaped([16, channels], [size]));
  const apart = sequence(reshaped([size, latentSize], [channels, 16, latentSize]), transposed([2, 1, 0]));
  const weight = sequence(apart, reshaped([latentSize, 16, channels], [latentSize, size]));
  return [...normalised("start", "linear0", weight, flat, asIs), leafRule("start.bias", "linear0.bias", flat)];
}

/** Blocks and the attentions behind some of them share one count on both sides. */
const stepRules = (steps: readonly WeightRule[][]) =>
  steps.flatMap((rules, index) => rulesAt(`blocks.${index}`, `blocks.${index}.0`, rules));

function needPort({ attention, heads, weightNorm }: GeneratorConfig | DiscriminatorConfig, name: string): void {
  need(
    refId(attention) === "sagan" && heads === 1 && weightNorm === "spectral",
    `${name}.attention sagan with one head and spectral weightNorm, got ${refId(attention)}, ${heads} and ${weightNorm}`,
  );
}

function generatorRules({ classes, generator }: SaganConfig): WeightRule[] {
  needPort(generator, "generator");
  need(classes === 0 || generator.norm.tables === "spectral", "generator.norm.tables spectral, got plain");
  const { widths, latentSize, attentionAt } = generator;
  const [first = 0, ...outputs] = widths;
  const norm = classes > 0 ? classNormRules : normRules;
  const blocks = outputs.map((width, index) => {
    const inputs = widths[index] ?? 0;
    return [
      ...norm("firstNorm", "bn1"),
      ...convolutionRules("first", "conv2d1", inputs),
      ...norm("secondNorm", "bn2"),
      ...convolutionRules("second", "conv2d2", width),
      ...pixelRules("skip", "conv2d0", inputs, width),
      bias("skip", "conv2d0"),
    ];
  });
  const attention = (index: number) => attentionRules(outputs[index] ?? 0);
  return [
    ...startRules(latentSize, first),
    ...stepRules(withAttention(blocks, generatorSides(generator), attentionAt, attention)),
    ...normRules("norm", "bn4"),
    ...convolutionRules("output", "conv2d5", widths.at(-1) ?? 0),
  ];
}

function discriminatorRules({ imageSize, channels, classes, discriminator }: SaganConfig): WeightRule[] {
  needPort(discriminator, "discriminator");
  const { widths, halvings, attentionAt } = discriminator;
  const blocks = widths.map((width, index) => {
    const inputs = widths[index - 1] ?? channels;
    const skip = [...pixelRules("skip", "conv2d0", inputs, width), bias("skip", "conv2d0")];
    return [
      ...convolutionRules("first", "conv2d1", inputs),
      ...convolutionRules("second", "conv2d2", width),
      ...(index < halvings || inputs !== width ? skip : []),
    ];
  });
  const attention = (index: number) => attentionRules(widths[index] ?? 0);
  const steps = withAttention(blocks, discriminatorSides(discriminator, imageSize), attentionAt, attention);
  // An embedding's rows are its classes on both sides, so what is left there is right here.
  const embedding = [
    leafRule("head.classes.weight", "embedding.weight_orig"),
    vectorRule("head.classes.weight.u", "embedding.weight_v"),
    vectorRule("head.classes.weight.v", "embedding.weight_u"),
  ];
  const head = [...normalised("head.linear", "linear1", transposeLinear), bias("head.linear", "linear1")];
  return [...stepRules(steps), ...head, ...(classes > 0 ? embedding : [])];
}

/** Names and layouts of PyTorch-StudioGAN, whose files hold one network each. */
export const weights: ReferenceWeights<SaganConfig> = {
  source: "https://github.com/POSTECH-CVLab/PyTorch-StudioGAN",
  generator: (config) => networkWeights(generatorRules(config), [/num_batches_tracked$/]),
  discriminator: (config) => networkWeights(discriminatorRules(config)),
  places: { generator: [], average: [], discriminator: [] },
};

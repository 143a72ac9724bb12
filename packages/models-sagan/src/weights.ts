import type { ReferenceWeights, WeightLayout, WeightRule } from "@ganymede/core";
import {
  asIs,
  GanymedeError,
  inTurn,
  kernel,
  leafRule,
  matrix,
  networkWeights,
  refId,
  reshaped,
  transposed,
  vectorRule,
} from "@ganymede/core";
import type { AttentionConfig, SaganConfig, WeightNorm } from "./config.js";
import { discriminatorSides, generatorSides, withAttention } from "./config.js";

/** A layer under spectral normalisation: its weight as stored, and the two vectors of the power iteration. */
function normalised(
  ours: string,
  theirs: string,
  weight: WeightLayout,
  u: WeightLayout,
  v: WeightLayout,
): WeightRule[] {
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
  const taps = inTurn(inTurn(reshaped(size, [inputs, 3, 3]), transposed([1, 2, 0])), reshaped([3, 3, inputs], size));
  return [...normalised(ours, theirs, kernel, asIs, taps), bias(ours, theirs)];
}

/** A 1x1 convolution, a linear map of pixels here. */
function pixelRules(ours: string, theirs: string, inputs: number, outputs: number): WeightRule[] {
  const weight = inTurn(reshaped([outputs, inputs, 1, 1], [outputs, inputs]), matrix);
  return normalised(ours, theirs, weight, asIs, asIs);
}

function attentionRules(ours: string, theirs: string, channels: number): WeightRule[] {
  const [keys, values] = [channels / 8, channels / 2];
  return [
    ...pixelRules(`${ours}.attention.query`, `${theirs}.conv1x1_theta`, channels, keys),
    ...pixelRules(`${ours}.attention.keys`, `${theirs}.conv1x1_phi`, channels, keys),
    ...pixelRules(`${ours}.attention.value`, `${theirs}.conv1x1_g`, channels, values),
    ...pixelRules(`${ours}.attention.output`, `${theirs}.conv1x1_attn`, values, channels),
    leafRule(`${ours}.gamma`, `${theirs}.sigma`),
  ];
}

function statisticsRules(ours: string, theirs: string): WeightRule[] {
  return [
    leafRule(`${ours}.statistics.mean`, `${theirs}.running_mean`),
    leafRule(`${ours}.statistics.variance`, `${theirs}.running_var`),
  ];
}

function normRules(ours: string, theirs: string): WeightRule[] {
  const learned = [leafRule(`${ours}.scale`, `${theirs}.weight`), leafRule(`${ours}.shift`, `${theirs}.bias`)];
  return [...learned, ...statisticsRules(ours, theirs)];
}

function classNormRules(ours: string, theirs: string): WeightRule[] {
  return [
    ...normalised(`${ours}.scale`, `${theirs}.gain`, matrix, asIs, asIs),
    ...normalised(`${ours}.shift`, `${theirs}.bias`, matrix, asIs, asIs),
    ...statisticsRules(ours, `${theirs}.bn`),
  ];
}

/** The first map, flattened channels first there and channels last here. */
function startRules(latentSize: number, channels: number): WeightRule[] {
  const size = 16 * channels;
  const flat = inTurn(inTurn(reshaped([size], [channels, 16]), matrix), reshaped([16, channels], [size]));
  const apart = inTurn(reshaped([size, latentSize], [channels, 16, latentSize]), transposed([2, 1, 0]));
  const weight = inTurn(apart, reshaped([latentSize, 16, channels], [latentSize, size]));
  return [...normalised("start", "linear0", weight, flat, asIs), leafRule("start.bias", "linear0.bias", flat)];
}

interface NumberedStep {
  readonly block: number;
  readonly width: number;
  readonly attention: boolean;
}

/** Blocks and the attentions behind some of them share one count on both sides. */
function numbered(widths: readonly number[], sides: readonly number[], attentionAt: readonly number[]): NumberedStep[] {
  const blocks = widths.map((width, block) => ({ block, width, attention: false }));
  return withAttention(blocks, sides, attentionAt, (block) => ({ block, width: widths[block] ?? 0, attention: true }));
}

function demandPort({ attention, heads, weightNorm }: AttentionConfig & { weightNorm: WeightNorm }, name: string) {
  const fits = refId(attention) === "sagan" && heads === 1 && weightNorm === "spectral";
  if (fits) return;
  throw new GanymedeError(
    "unsupported",
    `sagan: weights of PyTorch-StudioGAN need ${name}.attention sagan with one head and spectral weightNorm, got ${refId(attention)}, ${heads} and ${weightNorm}; choose the preset sagan-cifar10`,
  );
}

function generatorRules({ classes, generator }: SaganConfig): WeightRule[] {
  demandPort(generator, "generator");
  if (classes > 0 && generator.norm.tables !== "spectral") {
    throw new GanymedeError(
      "unsupported",
      "sagan: weights of PyTorch-StudioGAN need generator.norm.tables spectral, got plain; choose the preset sagan-cifar10",
    );
  }
  const { widths, latentSize } = generator;
  const norm = classes > 0 ? classNormRules : normRules;
  const last = widths.length - 1;
  const sides = generatorSides(generator);
  const steps = numbered(widths.slice(1), sides, generator.attentionAt).flatMap(
    ({ block, width, attention }, index) => {
      const [ours, theirs] = [`blocks.${index}`, `blocks.${index}.0`];
      if (attention) return attentionRules(ours, theirs, width);
      const inputs = widths[block] as number;
      return [
        ...norm(`${ours}.firstNorm`, `${theirs}.bn1`),
        ...convolutionRules(`${ours}.first`, `${theirs}.conv2d1`, inputs),
        ...norm(`${ours}.secondNorm`, `${theirs}.bn2`),
        ...convolutionRules(`${ours}.second`, `${theirs}.conv2d2`, width),
        ...pixelRules(`${ours}.skip`, `${theirs}.conv2d0`, inputs, width),
        bias(`${ours}.skip`, `${theirs}.conv2d0`),
      ];
    },
  );
  return [
    ...startRules(latentSize, widths[0] as number),
    ...steps,
    ...normRules("norm", "bn4"),
    ...convolutionRules("output", "conv2d5", widths[last] as number),
  ];
}

function discriminatorRules({ imageSize, channels, classes, discriminator }: SaganConfig): WeightRule[] {
  demandPort(discriminator, "discriminator");
  const { widths, halvings } = discriminator;
  const sides = discriminatorSides(discriminator, imageSize);
  const steps = numbered(widths, sides, discriminator.attentionAt).flatMap(({ block, width, attention }, index) => {
    const [ours, theirs] = [`blocks.${index}`, `blocks.${index}.0`];
    if (attention) return attentionRules(ours, theirs, width);
    const inputs = widths[block - 1] ?? channels;
    const skips = block < halvings || inputs !== width;
    return [
      ...convolutionRules(`${ours}.first`, `${theirs}.conv2d1`, inputs),
      ...convolutionRules(`${ours}.second`, `${theirs}.conv2d2`, width),
      ...(skips ? pixelRules(`${ours}.skip`, `${theirs}.conv2d0`, inputs, width) : []),
      ...(skips ? [bias(`${ours}.skip`, `${theirs}.conv2d0`)] : []),
    ];
  });
  // An embedding's rows are its classes on both sides, so what is left there is right here.
  const embedding = [
    leafRule("head.classes.weight", "embedding.weight_orig"),
    vectorRule("head.classes.weight.u", "embedding.weight_v"),
    vectorRule("head.classes.weight.v", "embedding.weight_u"),
  ];
  const head = [...normalised("head.linear", "linear1", matrix, asIs, asIs), bias("head.linear", "linear1")];
  return [...steps, ...head, ...(classes > 0 ? embedding : [])];
}

/** Names and layouts of PyTorch-StudioGAN, whose files hold one network each. */
export const weights: ReferenceWeights<SaganConfig> = {
  source: "https://github.com/POSTECH-CVLab/PyTorch-StudioGAN",
  generator: (config) => networkWeights(generatorRules(config), [/num_batches_tracked$/]),
  discriminator: (config) => networkWeights(discriminatorRules(config)),
  places: { generator: [], average: [], discriminator: [] },
};

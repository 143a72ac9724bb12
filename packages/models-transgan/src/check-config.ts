import { configRules } from "@ganymede/core";
import type { BlockConfig, GeneratorConfig, MultiScaleConfig, SingleScaleConfig, TransganConfig } from "./config.js";

const { demand, divides, oneOf } = configRules("transgan");

function checkBlocks(config: BlockConfig, widths: readonly number[], name: string): void {
  for (const width of widths) divides(config.heads, width, `${name}.heads must divide every width`);
  oneOf(config.norm, ["layer", "pixel", "batch", "instance", "none"], `${name}.norm`);
  oneOf(config.activation, ["gelu", "leaky-relu"], `${name}.activation`);
}

/** Factor of the width, by the way in which the map is enlarged. */
const widthFactors: Readonly<Record<string, number>> = {
  "pixel-shuffle": 1 / 4,
  "smooth-pixel-shuffle": 1 / 4,
  bicubic: 1,
};

function checkGenerator(config: GeneratorConfig, imageSize: number): void {
  const { bottom, stages, locality, coTraining, crossAttention, attention } = config;
  demand(stages.length > 0, "generator.stages must have an entry or more, got none");
  const side = bottom * 2 ** (stages.length - 1);
  demand(
    side === imageSize,
    `generator.bottom ${bottom} with ${stages.length} stages gives images of side ${side}, but imageSize is ${imageSize}`,
  );
  for (const [index, { width, enlarge, window }] of stages.entries()) {
    const name = `generator.stages[${index}]`;
    const own = bottom * 2 ** index;
    if (window !== null && window < own) divides(window, own, `${name}.window must divide the side of its map`);
    const before = stages[index - 1];
    if (before === undefined) {
      demand(enlarge === "none", `${name}.enlarge must be none for the first stage, got ${enlarge}`);
      continue;
    }
    oneOf(enlarge, Object.keys(widthFactors), `${name}.enlarge`);
    const expected = before.width * (widthFactors[enlarge] as number);
    demand(width === expected, `${name}.width must be ${expected} after ${enlarge} of ${before.width}, got ${width}`);
  }
  demand(
    locality === null || attention === "dot-product",
    `generator.locality needs the attention dot-product, got ${attention}; set one of the two`,
  );
  demand(
    !(coTraining && crossAttention),
    "generator.coTraining has no z for crossAttention to read, got true for both; set one to false",
  );
  checkBlocks(
    config,
    stages.map(({ width }) => width),
    "generator",
  );
}

function checkMultiScale(config: MultiScaleConfig, imageSize: number): void {
  const { scales, halving } = config;
  demand(scales.length > 0, "discriminator.scales must have an entry or more, got none");
  oneOf(halving, ["2x2", "3x3"], "discriminator.halving");
  const sides = scales.map(({ shrink, patchSize }) => imageSize / shrink / patchSize);
  for (const [index, { patchSize, shrink, overlap, groups }] of scales.entries()) {
    const name = `discriminator.scales[${index}]`;
    divides(shrink, imageSize, `${name}.shrink must divide imageSize`);
    divides(patchSize, imageSize / shrink, `${name}.patchSize must divide the shrunk image's side`);
    demand(!overlap || patchSize % 2 === 0, `${name}.patchSize must be even where patches overlap, got ${patchSize}`);
    const side = sides[index] as number;
    const before = sides[index - 1] ?? 2 * side;
    demand(before === 2 * side, `${name} must have half the ${before} tokens along a side before it, got ${side}`);
    for (const { window } of groups) {
      if (window !== null && window < side) divides(window, side, `${name}: window must divide the side of its map`);
    }
  }
  const widths = scales.map((_, index) => scales.slice(0, index + 1).reduce((sum, { width }) => sum + width, 0));
  checkBlocks(config, widths, "discriminator");
}

function checkSingleScale(config: SingleScaleConfig, imageSize: number): void {
  divides(config.patchSize, imageSize, "discriminator.patchSize must divide imageSize");
  checkBlocks(config, [config.width], "discriminator");
}

/**
 * Gives back a config whose sizes fit together.
 *
 * @throws GanymedeError `invalid-config` naming the rule and what was got.
 */
export function checkConfig(config: TransganConfig): TransganConfig {
  const { imageSize, channels, classes, generator, discriminator } = config;
  demand(channels === 1 || channels === 3, `channels must be 1 or 3, got ${channels}`);
  demand(Number.isInteger(classes) && classes >= 0, `classes must be a whole number from 0 up, got ${classes}`);
  checkGenerator(generator, imageSize);
  oneOf(discriminator.kind, ["multi-scale", "single-scale"], "discriminator.kind");
  if (discriminator.kind === "multi-scale") checkMultiScale(discriminator, imageSize);
  else checkSingleScale(discriminator, imageSize);
  return config;
}

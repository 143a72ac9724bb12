import { configRules } from "@ganymede/core";
import type { AttentionConfig, SaganConfig } from "./config.js";
import { discriminatorSides, generatorSides } from "./sides.js";

const { demand, oneOf } = configRules("sagan");

function isCount(value: number, least: number): boolean {
  return Number.isInteger(value) && value >= least;
}

function checkAttention({ attentionAt }: AttentionConfig, sides: readonly number[], name: string): void {
  for (const side of attentionAt) {
    demand(
      sides.includes(side),
      `${name}.attentionAt must name sides that its blocks give (${[...new Set(sides)].join(", ")}), got ${side}`,
    );
  }
}

/**
 * Gives back a config whose sizes fit together.
 *
 * @throws GanymedeError `invalid-config` naming the rule and what was got.
 */
export function checkConfig(config: SaganConfig): SaganConfig {
  const { imageSize, channels, classes, generator, discriminator } = config;
  demand(channels === 1 || channels === 3, `channels must be 1 or 3, got ${channels}`);
  demand(isCount(classes, 0), `classes must be a whole number from 0 up, got ${classes}`);
  demand(generator.widths.length > 1, `generator.widths must have two entries or more, got ${generator.widths.length}`);
  const drawn = generatorSides(generator).at(-1) ?? 4;
  demand(
    drawn === imageSize,
    `generator.widths has ${generator.widths.length} entries and so gives images of side ${drawn}, but imageSize is ${imageSize}; add or remove a block`,
  );
  const { halvings, widths } = discriminator;
  demand(
    isCount(halvings, 1) && halvings <= widths.length && imageSize % 2 ** halvings === 0,
    `discriminator.halvings must be between 1 and the ${widths.length} blocks and halve ${imageSize} to whole sides, got ${halvings}`,
  );
  checkAttention(generator, generatorSides(generator), "generator");
  checkAttention(discriminator, discriminatorSides(discriminator, imageSize), "discriminator");
  oneOf(generator.norm.sampling, ["running", "batch"], "generator.norm.sampling");
  oneOf(generator.norm.tables, ["plain", "spectral"], "generator.norm.tables");
  oneOf(generator.weightNorm, ["none", "spectral"], "generator.weightNorm");
  demand(
    generator.norm.tables === "plain" || generator.weightNorm === "spectral",
    "generator.norm.tables may be spectral only where generator.weightNorm is, got none; choose plain tables",
  );
  oneOf(discriminator.weightNorm, ["none", "spectral"], "discriminator.weightNorm");
  oneOf(discriminator.skip, ["plain", "activated"], "discriminator.skip");
  return config;
}

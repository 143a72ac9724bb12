import { configRules } from "@ganymede/core";
import type { DiscriminatorConfig, PixelBlocksConfig, SkinnyConfig } from "./config.js";

const { demand, divides, oneOf } = configRules("skinny");

function checkBlocks(name: string, { width, heads, count }: PixelBlocksConfig): void {
  divides(heads, width, `generator.${name}.heads must divide generator.${name}.width`);
  demand(Number.isInteger(count) && count >= 0, `generator.${name}.count must be 0 or more, got ${count}`);
}

function checkGenerator({ generator, imageSize }: SkinnyConfig): void {
  const { tokens, coarse, styleInput, styleMixing, stack, fine } = generator;
  demand(Number.isInteger(Math.sqrt(tokens)), `generator.tokens must be a square, got ${tokens}`);
  divides(coarse.side, imageSize, "generator.coarse.side must divide imageSize");
  for (const [name, each] of Object.entries({ stack, coarse, fine })) checkBlocks(name, each);
  oneOf(styleInput, ["modulation", "token", "array"], "generator.styleInput");
  demand(styleMixing >= 0 && styleMixing < 1, `generator.styleMixing must be from 0 to below 1, got ${styleMixing}`);
  demand(
    styleMixing === 0 || styleInput === "modulation",
    `generator.styleMixing needs generator.styleInput modulation, got ${styleInput}; layers share one w otherwise`,
  );
}

function checkDiscriminator(discriminator: DiscriminatorConfig, imageSize: number): void {
  oneOf(discriminator.kind, ["attention-unet", "set-queries", "convolutional-unet"], "discriminator.kind");
  if (discriminator.kind === "convolutional-unet") {
    divides(
      2 ** discriminator.channels.length,
      imageSize,
      "the halvings of discriminator.channels must divide imageSize",
    );
    return;
  }
  const { patchSize, overlap, width, headWidth } = discriminator;
  divides(headWidth, width, "discriminator.headWidth must divide discriminator.width");
  demand(
    !overlap || patchSize % 2 === 0,
    `discriminator.patchSize must be even where patches overlap, got ${patchSize}`,
  );
  const merges = discriminator.kind === "attention-unet" ? discriminator.merges : 0;
  divides(patchSize * 2 ** merges, imageSize, "discriminator.patchSize, doubled by each merge, must divide imageSize");
}

/**
 * Gives back a config whose sizes fit together.
 *
 * @throws GanymedeError `invalid-config` naming the rule and what was got.
 */
export function checkConfig(config: SkinnyConfig): SkinnyConfig {
  const { channels, classes, discriminator, imageSize } = config;
  demand(channels === 1 || channels === 3, `channels must be 1 or 3, got ${channels}`);
  demand(Number.isInteger(classes) && classes >= 0, `classes must be a whole number from 0 up, got ${classes}`);
  oneOf(discriminator.weightNorm, ["none", "spectral", "improved-spectral"], "discriminator.weightNorm");
  checkGenerator(config);
  checkDiscriminator(discriminator, imageSize);
  return config;
}

import { configRules } from "@ganymede/core";
import type { VitganConfig } from "./config.js";

const { demand, divides } = configRules("vitgan");

/**
 * Gives back a config whose sizes fit together.
 *
 * @throws GanymedeError `invalid-config` naming the rule and both sizes.
 */
export function checkConfig(config: VitganConfig): VitganConfig {
  const { imageSize, channels, classes, generator, discriminator } = config;
  demand(Number.isInteger(classes) && classes >= 0, `classes must be a whole number from 0 up, got ${classes}`);
  demand(channels === 1 || channels === 3, `channels must be 1 or 3, got ${channels}`);
  divides(generator.patchSize, imageSize, "generator.patchSize must divide imageSize");
  if (generator.headWidth === null) {
    divides(generator.heads, generator.width, "generator.heads must divide generator.width");
  }
  const { latentInput, mappingLayers, latentSize, width } = generator;
  demand(
    mappingLayers > 0 || latentSize === width,
    `without mapping layers generator.latentSize must equal generator.width (${width}), got ${latentSize} (${latentInput})`,
  );
  if (discriminator.kind === "transformer") {
    divides(discriminator.patchSize, imageSize, "discriminator.patchSize must divide imageSize");
    divides(discriminator.heads, discriminator.width, "discriminator.heads must divide discriminator.width");
    demand(
      !discriminator.overlap || discriminator.patchSize % 2 === 0,
      `discriminator.patchSize must be even where patches overlap, got ${discriminator.patchSize}`,
    );
  } else if (discriminator.kind === "residual") {
    divides(2 ** (discriminator.channels.length - 1), imageSize, "the residual blocks' halvings must divide imageSize");
  } else {
    const { kind } = discriminator as { kind: unknown };
    demand(false, `discriminator.kind must be transformer or residual, got ${String(kind)}`);
  }
  return config;
}

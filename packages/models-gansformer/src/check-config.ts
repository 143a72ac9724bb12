import { configRules } from "@ganymede/core";
import type { AggregatorConfig, BipartiteConfig, GansformerConfig } from "./config.js";

const { demand, oneOf } = configRules("gansformer");

const architectures = ["residual", "skip", "plain"];
const integrations = ["multiply", "add", "both"];
const starts = ["learned", "latents", "carried"];
const positions = ["none", "sinusoidal", "linear", "axes", "table"];

function probability(value: number, name: string): void {
  demand(value >= 0 && value < 1, `${name} must be from 0 to below 1, got ${value}`);
}

function checkPosition({ position }: BipartiteConfig, latentWidth: number): void {
  oneOf(position.kind, positions, "generator.attention.position.kind");
  const parts = "directions" in position ? (position.kind === "linear" ? 1 : 2) * position.directions : 2;
  demand(
    Number.isInteger(parts) && parts > 0 && latentWidth % parts === 0,
    `generator.latentWidth must be a multiple of ${parts} for positions of kind ${position.kind}, got ${latentWidth}`,
  );
}

function checkBipartite(config: BipartiteConfig, latentWidth: number, imageSize: number): void {
  const { components, from, to, centroids, rounds, variant, position, latentPositions } = config;
  demand(
    Number.isInteger(components) && components > 0,
    `generator.attention.components must be positive, got ${components}`,
  );
  oneOf(config.integration, integrations, "generator.attention.integration");
  oneOf(config.norm, ["layer", "instance", null], "generator.attention.norm");
  oneOf(centroids, starts, "generator.attention.centroids");
  demand(Number.isInteger(rounds) && rounds > 0, `generator.attention.rounds must be positive, got ${rounds}`);
  probability(config.dropout, "generator.attention.dropout");
  probability(config.componentDropout, "generator.attention.componentDropout");
  demand(
    from <= to && to >= 4 && from <= imageSize,
    `generator.attention must take some map from 4 to ${imageSize}, got from ${from} to ${to}`,
  );
  demand(
    variant !== "simplex" || latentPositions === (position.kind !== "none"),
    "simplex attention needs positions of both pixels and latents or of neither: set generator.attention.latentPositions and position together",
  );
  checkPosition(config, latentWidth);
}

function checkAggregators(config: AggregatorConfig): void {
  oneOf(config.integration, integrations, "discriminator.attention.integration");
  oneOf(config.norm, ["layer", "instance", null], "discriminator.attention.norm");
  probability(config.dropout, "discriminator.attention.dropout");
  demand(
    config.width % (4 * config.heads) === 0,
    `discriminator.attention.width must be a multiple of 4 times the heads, got ${config.width}`,
  );
}

/**
 * Gives back a config whose sizes fit together.
 *
 * @throws GanymedeError `invalid-config` naming the rule and what was got.
 */
export function checkConfig(config: GansformerConfig): GansformerConfig {
  const { imageSize, channels, classes, generator, discriminator } = config;
  demand(channels === 1 || channels === 3, `channels must be 1 or 3, got ${channels}`);
  demand(Number.isInteger(classes) && classes >= 0, `classes must be a whole number from 0 up, got ${classes}`);
  demand(
    imageSize >= 8 && Number.isInteger(Math.log2(imageSize)),
    `imageSize must be a power of 2 from 8, got ${imageSize}`,
  );
  for (const [name, { architecture, blurTaps }] of Object.entries({ generator, discriminator })) {
    oneOf(architecture, architectures, `${name}.architecture`);
    demand(
      blurTaps.length >= 2 && blurTaps.length % 2 === 0,
      `${name}.blurTaps must be an even number of taps, got ${blurTaps.length}`,
    );
  }
  probability(generator.styleMixing, "generator.styleMixing");
  oneOf(generator.attention.kind, ["none", "bipartite"], "generator.attention.kind");
  oneOf(discriminator.attention.kind, ["none", "aggregators"], "discriminator.attention.kind");
  if (generator.attention.kind === "bipartite") checkBipartite(generator.attention, generator.latentWidth, imageSize);
  else demand(generator.style, "generator.style must be true without attention, or no latent reaches the image");
  if (discriminator.attention.kind === "aggregators") checkAggregators(discriminator.attention);
  return config;
}

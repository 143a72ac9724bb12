import type { ConfigRules, SettingsOf } from "@ganymede/core/config";
import { imageSettings, list, oneOf, real, record, reference, whole } from "@ganymede/core/config";

/** Settings of both networks. */
const network = {
  /** An attention over maps or tokens or another mixer, such as `residual`, of as many numbers as `sagan` has; see `Ref`. */
  attention: reference,
  /** Sides of the maps that it works on, in pixels, such as `[32]`; each must be a side that a block gives. Empty for no attention. */
  attentionAt: list(whole()),
  heads: whole(),
  /** `spectral`: W / sigma(W) for every convolution and linear map; `none`: W. */
  weightNorm: oneOf("none", "spectral"),
};

/** The generator's norms over the batch. */
const norm = record({
  /** Added to variances. */
  epsilon: real({ above: 0 }),
  /** Share of the old statistics that a step keeps, in the blocks. */
  decay: real({ least: 0, below: 1 }),
  /** The same in the norm before the last convolution. */
  finalDecay: real({ least: 0, below: 1 }),
  /** What images are drawn with: statistics kept in training, or those of the images' own batch, as the authors' code does. */
  sampling: oneOf("running", "batch"),
  /** Scale and shift of each class: `plain` tables from 0, or `spectral`, normalised as linear maps of a class. */
  tables: oneOf("plain", "spectral"),
});

const generator = record({
  ...network,
  /** Width of z. */
  latentSize: whole(),
  /** Width of the 4x4 map that z becomes, then of the map that each block gives; a block doubles the side. */
  widths: list(whole(), { least: 2 }),
  norm,
});

const discriminator = record({
  ...network,
  /** Width of the map that each block gives. */
  widths: list(whole(), { least: 1 }),
  /** How many blocks, the first ones, halve the side. */
  halvings: whole(),
  /** What the skip path of a block after the first gets: the map itself, or relu of it, as in a widely used port. */
  skip: oneOf("plain", "activated"),
});

export const settings = record({ ...imageSettings, generator, discriminator });

export type NormConfig = SettingsOf<typeof norm>;
export type GeneratorConfig = SettingsOf<typeof generator>;
export type DiscriminatorConfig = SettingsOf<typeof discriminator>;
export type SaganConfig = SettingsOf<typeof settings>;

/** Sides of the maps after the generator's blocks: 8, 16, .. */
export function generatorSides({ widths }: GeneratorConfig): number[] {
  return widths.slice(1).map((_, index) => 8 * 2 ** index);
}

/** Sides of the maps after the discriminator's blocks. */
export function discriminatorSides({ widths, halvings }: DiscriminatorConfig, imageSize: number): number[] {
  return widths.map((_, index) => imageSize / 2 ** Math.min(index + 1, halvings));
}

/** The blocks with attention behind the first that gives each side of `attentionAt`. */
export function withAttention<Block>(
  blocks: readonly Block[],
  sides: readonly number[],
  attentionAt: readonly number[],
  attention: (block: number, side: number) => Block,
): Block[] {
  return blocks.flatMap((block, index) => {
    const side = sides[index] ?? 0;
    return attentionAt.includes(side) && sides.indexOf(side) === index ? [block, attention(index, side)] : [block];
  });
}

/** Rules between settings. */
export function checkConfig({ imageSize, generator, discriminator }: SaganConfig, { demand }: ConfigRules): void {
  const side = generatorSides(generator).at(-1);
  demand(
    side === imageSize,
    `generator.widths has ${generator.widths.length} entries and so gives images of side ${side}, but imageSize is ${imageSize}; add or remove a block`,
  );
  const { halvings, widths } = discriminator;
  demand(
    halvings <= widths.length && imageSize % 2 ** halvings === 0,
    `discriminator.halvings must be between 1 and the ${widths.length} blocks and halve ${imageSize} to whole sides, got ${halvings}`,
  );
  const networks = [
    ["generator", generator.attentionAt, generatorSides(generator)],
    ["discriminator", discriminator.attentionAt, discriminatorSides(discriminator, imageSize)],
  ] as const;
  for (const [name, attentionAt, sides] of networks) {
    const rule = `${name}.attentionAt must name sides that its blocks give (${[...new Set(sides)].join(", ")})`;
    for (const wanted of attentionAt) demand(sides.includes(wanted), `${rule}, got ${wanted}`);
  }
  demand(
    generator.norm.tables === "plain" || generator.weightNorm === "spectral",
    "generator.norm.tables may be spectral only where generator.weightNorm is, got none; choose plain tables",
  );
}

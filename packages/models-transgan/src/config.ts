import { refId } from "@ganymede/core";
import type { ConfigRules, SettingsOf } from "@ganymede/core/config";
import {
  flag,
  imageSettings,
  kinds,
  list,
  nullable,
  oneOf,
  real,
  record,
  reference,
  whole,
} from "@ganymede/core/config";

/** What blocks of transformers have in common. */
const block = {
  /** Number of heads; must divide every width. */
  heads: whole(),
  /** Hidden width of the MLPs, in widths of the tokens. */
  mlpRatio: real({ above: 0 }),
  /** `layer`: LayerNorm; `pixel`: each token to mean square 1; `batch` and `instance` as for images, without affine in the latter. */
  norm: oneOf("layer", "pixel", "batch", "instance", "none"),
  activation: oneOf("gelu", "leaky-relu"),
  /** A self-attention, see `Ref`: `relative` (dot products with a learned bias for each offset), `dot-product`, or one of your own. */
  attention: reference,
  /** Learned strength of noise that tokens get before the attention, in training. */
  noise: flag,
};

/** Blocks that share a window. */
const group = {
  /** Number of blocks. */
  depth: whole(0, 1024),
  /** Side of the squares that attention runs in (grid self-attention), in tokens; null for the whole map. */
  window: nullable(whole()),
};

/** Blocks of one size of the map. */
const stage = record({
  ...group,
  width: whole(),
  /**
   * How the map of the stage before is doubled: `pixel-shuffle` (a quarter of the width), `bicubic` (the width kept), or
   * `smooth-pixel-shuffle` (enlarged four times and averaged back first); `none` for the first stage alone.
   */
  enlarge: oneOf("none", "pixel-shuffle", "bicubic", "smooth-pixel-shuffle"),
});

/** What tokens of the last block see: places in the list (`band1d`, the release) or in the map (`window2d`, the paper's words). */
const locality = record({
  mask: oneOf("band1d", "window2d"),
  /** Up to `before`, exclusive, in steps, tokens see those at most `width` away; after the last entry they see all. */
  schedule: list(record({ before: whole(), width: whole() }), { least: 1 }),
});

const generator = record({
  ...block,
  /** Width of z. */
  latentSize: whole(),
  /** Scale z to the norm sqrt(latentSize). */
  latentNorm: flag,
  /** Side of the first map, in tokens; every further stage doubles it, the last has the image's. */
  bottom: whole(),
  stages: list(stage, { least: 1 }),
  /** Every block first attends to a map made of z, as in the networks for CelebA-HQ. */
  crossAttention: flag,
  /** What the last block sees early in training (version 1); null for all from the start. */
  locality: nullable(locality),
  /** Small images may enter in place of z, for co-training by super-resolution (version 1). */
  coTraining: flag,
});

/** One scale of a discriminator; each further one has half the tokens along a side. */
const scale = record({
  /** Channels that the patches of this scale add to what comes from the scale before. */
  width: whole(),
  /** Side of the squares whose means become the pixels that patches are cut from; 1 for the image itself. */
  shrink: whole(),
  /** Side and stride of the patches. */
  patchSize: whole(),
  /** Windows of twice the side at the same stride. */
  overlap: flag,
  groups: list(record(group)),
});

const discriminator = kinds({
  /** Version 2: patches of several sizes join as the map shrinks; a class token joins in the last block. */
  "multi-scale": {
    ...block,
    scales: list(scale, { least: 1 }),
    /** How the map is halved: means of 2x2, or of 3x3 at stride 2 with zeros around. */
    halving: oneOf("2x2", "3x3"),
  },
  /** Version 1: one size of patches, and a class token from the start. */
  "single-scale": { ...block, width: whole(), depth: whole(1, 1024), patchSize: whole() },
});

export const settings = record({ ...imageSettings, generator, discriminator });

export type BlockConfig = { readonly [Name in keyof typeof block]: SettingsOf<(typeof block)[Name]> };
export type StageConfig = SettingsOf<typeof stage>;
export type GeneratorConfig = SettingsOf<typeof generator>;
export type ScaleConfig = SettingsOf<typeof scale>;
export type DiscriminatorConfig = SettingsOf<typeof discriminator>;
export type MultiScaleConfig = Extract<DiscriminatorConfig, { kind: "multi-scale" }>;
export type SingleScaleConfig = Extract<DiscriminatorConfig, { kind: "single-scale" }>;
export type TransganConfig = SettingsOf<typeof settings>;

/** Factor of the width, by the way in which the map is enlarged. */
const widthFactors = { "pixel-shuffle": 1 / 4, "smooth-pixel-shuffle": 1 / 4, bicubic: 1 };

function checkGenerator(config: GeneratorConfig, imageSize: number, { demand, divides }: ConfigRules): void {
  const { bottom, stages, locality, coTraining, crossAttention, attention, heads } = config;
  const side = bottom * 2 ** (stages.length - 1);
  demand(
    side === imageSize,
    `generator.bottom ${bottom} with ${stages.length} stages gives images of side ${side}, but imageSize is ${imageSize}`,
  );
  for (const [index, { width, enlarge, window }] of stages.entries()) {
    const name = `generator.stages[${index}]`;
    const own = bottom * 2 ** index;
    divides(heads, width, "generator.heads must divide every width");
    if (window !== null && window < own) divides(window, own, `${name}.window must divide the side of its map`);
    const before = stages[index - 1];
    const fits = (before === undefined) === (enlarge === "none");
    demand(fits, `${name}.enlarge must be none for the first stage alone, got ${enlarge}`);
    if (before === undefined || enlarge === "none") continue;
    const expected = before.width * widthFactors[enlarge];
    demand(width === expected, `${name}.width must be ${expected} after ${enlarge} of ${before.width}, got ${width}`);
  }
  demand(
    locality === null || refId(attention) === "dot-product",
    `generator.locality needs the attention dot-product, got ${refId(attention)}; set one of the two`,
  );
  demand(
    !(coTraining && crossAttention),
    "generator.coTraining has no z for crossAttention to read, got true for both; set one to false",
  );
}

function checkMultiScale({ scales, heads }: MultiScaleConfig, imageSize: number, rules: ConfigRules): void {
  const { demand, divides } = rules;
  let [total, before] = [0, 0];
  for (const [index, { patchSize, shrink, overlap, groups, width }] of scales.entries()) {
    const name = `discriminator.scales[${index}]`;
    const side = imageSize / shrink / patchSize;
    total += width;
    divides(heads, total, "discriminator.heads must divide every width");
    divides(shrink, imageSize, `${name}.shrink must divide imageSize`);
    divides(patchSize, imageSize / shrink, `${name}.patchSize must divide the shrunk image's side`);
    demand(!overlap || patchSize % 2 === 0, `${name}.patchSize must be even where patches overlap, got ${patchSize}`);
    const halved = index === 0 || before === 2 * side;
    demand(halved, `${name} must have half the ${before} tokens along a side before it, got ${side}`);
    for (const { window } of groups) {
      if (window !== null && window < side) divides(window, side, `${name}: window must divide the side of its map`);
    }
    before = side;
  }
}

/** Rules between settings. */
export function checkConfig({ imageSize, generator, discriminator }: TransganConfig, rules: ConfigRules): void {
  checkGenerator(generator, imageSize, rules);
  if (discriminator.kind === "multi-scale") {
    checkMultiScale(discriminator, imageSize, rules);
  } else {
    const { patchSize, heads, width } = discriminator;
    rules.divides(patchSize, imageSize, "discriminator.patchSize must divide imageSize");
    rules.divides(heads, width, "discriminator.heads must divide discriminator.width");
  }
}

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
import { readsLatentPositions } from "./components-layer.js";

const probability = real({ least: 0, below: 1 });

/** How a map changes by what it reads: x (1 + c), x + c, or x (1 + c) + c'. */
const integration = oneOf("multiply", "add", "both");

/** Norm of the map before; null for none. */
const norm = nullable(oneOf("layer", "instance"));

/** Positional encoding of pixels. */
const position = kinds({
  none: {},
  /** Fixed sines and cosines along so many directions. */
  sinusoidal: { directions: whole(1, 1024) },
  /** Learned vectors, each times the place along a direction, from -1 to 1. */
  linear: { directions: whole(1, 1024) },
  /** A learned vector for each row and each column. */
  axes: {},
  /** A learned vector for each pixel. */
  table: {},
});

const attention = kinds({
  none: {},
  /** How the latents of components reach the image. */
  bipartite: {
    /** A cross-attention, see `Ref`: `duplex`, `simplex`, or one from outside, whose output is added to the map. */
    variant: reference,
    /** Number k of components, each with a latent of its own. */
    components: whole(),
    heads: whole(),
    integration,
    norm,
    /** Where duplex attention's centroids start: parameters, linear in the latents, or what the layer before assigned. */
    centroids: oneOf("learned", "latents", "carried"),
    /** Times that duplex attention assigns pixels in a layer. */
    rounds: whole(1, 1024),
    position,
    /** A learned vector for each component, for attention to tell them apart. */
    latentPositions: flag,
    /** Sigmoid gates, of each pixel for all it reads and of each latent for all that read it. */
    gates: record({ pixels: flag, latents: flag }),
    /** Probability of dropout in training, half of it for weights and half for whole latents. */
    dropout: probability,
    /** Self-attention between latents before each layer of the mapping network. */
    betweenLatents: flag,
    /** Sides of the smallest and the largest maps that attend. */
    from: whole(),
    to: whole(),
    /** Probability that a component is left out of an image, in training. */
    componentDropout: probability,
    /** Probability that an image takes its last components from another latent, in training. */
    componentMixing: real({ least: 0, most: 1 }),
  },
});

const convolutions = {
  /** A map of side s has min(channelBase / s, channelMax) channels. */
  channelBase: whole(),
  channelMax: whole(),
  /** How blocks make an image: with shortcuts, by adding up an image of each block, or neither. */
  architecture: oneOf("residual", "skip", "plain"),
  /** Taps of the blur with each change of the side, an even number of them. */
  blurTaps: list(real(), { least: 2 }),
};

const generator = record({
  ...convolutions,
  /** Width d of each latent, in z and in w. */
  latentWidth: whole(),
  mapping: record({
    /** Layers before the last one. */
    layers: whole(0, 1024),
    /** Two layers at a time with a shortcut around them. */
    residual: flag,
    /** Learning-rate multiplier. */
    multiplier: real({ above: 0 }),
  }),
  /** A global latent that modulates the convolutions. */
  style: flag,
  /** Learned strength of noise for each pixel: new in training, always the same when sampling. */
  noise: flag,
  attention,
  /** Probability that an image's last layers take their styles from another latent, in training. */
  styleMixing: probability,
});

const aggregators = kinds({
  none: {},
  /** Learned vectors that read the image at every resolution; the authors switched them off. */
  aggregators: {
    count: whole(1, 1024),
    width: whole(),
    heads: whole(),
    integration,
    norm,
    dropout: probability,
    /** Aggregators attend to each other before they attend to the image. */
    between: flag,
    /** The image attends to the aggregators after they attended to it. */
    back: flag,
  },
});

const discriminator = record({
  ...convolutions,
  /** Images per group of the minibatch standard deviation, and how many features it adds. */
  minibatchStdDev: record({ groupSize: whole(), features: whole() }),
  attention: aggregators,
});

/** imageSize is a power of 2 from 8. */
export const settings = record({ ...imageSettings, generator, discriminator });

export type PositionConfig = SettingsOf<typeof position>;
export type AttentionConfig = SettingsOf<typeof attention>;
export type BipartiteConfig = Extract<AttentionConfig, { kind: "bipartite" }>;
export type AggregatorConfig = Extract<SettingsOf<typeof aggregators>, { kind: "aggregators" }>;
export type Architecture = SettingsOf<typeof generator>["architecture"];
export type GeneratorConfig = SettingsOf<typeof generator>;
export type DiscriminatorConfig = SettingsOf<typeof discriminator>;
export type GansformerConfig = SettingsOf<typeof settings>;

/** Channels of a map of a side. */
export const channelsAt = (
  { channelBase, channelMax }: Pick<GeneratorConfig, "channelBase" | "channelMax">,
  side: number,
): number => Math.min(Math.floor(channelBase / side), channelMax);

/** The attention of a map of a side; undefined if it has none. */
export const attendsAt = (config: AttentionConfig, side: number): BipartiteConfig | undefined =>
  config.kind === "bipartite" && side >= config.from && side <= config.to ? config : undefined;

/** Sides of the maps from 4 to that of the image, each twice the one before. */
export const sidesTo = (imageSize: number): number[] =>
  Array.from({ length: Math.log2(imageSize / 4) + 1 }, (_, index) => 4 * 2 ** index);

function checkBipartite(config: BipartiteConfig, latentWidth: number, imageSize: number, { demand }: ConfigRules) {
  const { from, to, variant, position, latentPositions } = config;
  const some = from <= to && to >= 4 && from <= imageSize;
  demand(some, `generator.attention must take some map from 4 to ${imageSize}, got from ${from} to ${to}`);
  demand(
    !readsLatentPositions(variant) || latentPositions === (position.kind !== "none"),
    `${refId(variant)} attention needs positions of both pixels and latents or of neither: set generator.attention.latentPositions and position together`,
  );
  const parts = "directions" in position ? (position.kind === "linear" ? 1 : 2) * position.directions : 2;
  demand(
    latentWidth % parts === 0,
    `generator.latentWidth must be a multiple of ${parts} for positions of kind ${position.kind}, got ${latentWidth}`,
  );
}

/** Rules between settings. */
export function checkConfig({ imageSize, generator, discriminator }: GansformerConfig, rules: ConfigRules): void {
  const { demand, divides } = rules;
  const powerOfTwo = imageSize >= 8 && Number.isInteger(Math.log2(imageSize));
  demand(powerOfTwo, `imageSize must be a power of 2 from 8, got ${imageSize}`);
  for (const [name, { blurTaps, channelBase, channelMax }] of Object.entries({ generator, discriminator })) {
    demand(blurTaps.length % 2 === 0, `${name}.blurTaps must be an even number of taps, got ${blurTaps.length}`);
    for (const side of sidesTo(imageSize)) {
      const channels = Math.min(channelBase / side, channelMax);
      demand(
        Number.isInteger(channels),
        `${name}.channelBase must give maps of every side whole channels, got ${channels} at ${side} pixels; choose a multiple of ${imageSize}`,
      );
    }
  }
  if (generator.attention.kind === "bipartite") {
    checkBipartite(generator.attention, generator.latentWidth, imageSize, rules);
  } else demand(generator.style, "generator.style must be true without attention, or no latent reaches the image");
  const { minibatchStdDev, attention } = discriminator;
  const features = "discriminator.minibatchStdDev.features must divide the channels of the last map";
  divides(minibatchStdDev.features, channelsAt(discriminator, 4), features);
  if (attention.kind === "none") return;
  demand(
    attention.width % (4 * attention.heads) === 0,
    `discriminator.attention.width must be a multiple of 4 times the heads, got ${attention.width}`,
  );
}

import type { ConfigRules, SettingsOf } from "@ganymede/core/config";
import { flag, imageSettings, kinds, list, oneOf, real, record, reference, whole } from "@ganymede/core/config";

const pixelBlocks = {
  width: whole(),
  /** Number of blocks. */
  count: whole(0, 1024),
  /** What mixes pixels: `convolution`, or an attention over tokens or maps, see `Ref`. */
  mixing: reference,
  heads: whole(),
  /** Computes its activations again in the backward pass, in memory that does not grow with the count; first derivatives only. */
  reversible: flag,
};

const generator = record({
  /** Width of the part of z that becomes w, and of w. */
  styleWidth: whole(),
  mapping: record({ layers: whole(0, 1024), multiplier: real({ above: 0 }) }),
  /** Number L of latent tokens, a square. */
  tokens: whole(),
  /** Numbers of z that each token gets for itself; 0 for none. */
  noiseWidth: whole(0),
  /** How w enters: it modulates the norms, joins the tokens as one more, or is all that they are made of. */
  styleInput: oneOf("modulation", "token", "array"),
  /** Probability that an image's last layers take w from another latent, in training. */
  styleMixing: real({ least: 0, below: 1 }),
  /** Of the blocks' MLPs, hidden width over width. */
  mlpRatio: real({ above: 0 }),
  /** The deep stack over the latent tokens; `count` is its depth. */
  stack: record(pixelBlocks),
  /** The first pixels, read from the latents by cross-attention: a map of this side. */
  coarse: record({ ...pixelBlocks, side: whole() }),
  /** All pixels. */
  fine: record(pixelBlocks),
});

/** How weight matrices are normalised. */
const weightNorm = oneOf("none", "spectral", "improved-spectral");

const patches = {
  /** Side of a patch in pixels. */
  patchSize: whole(),
  /** Windows of side 2P at stride P. */
  overlap: flag,
};

const discriminator = kinds({
  /** A U-Net of attention: logits of images from a class token, logits of pixels from the decoder. */
  "attention-unet": {
    ...patches,
    /** Width of the tokens of the largest map; it doubles with each halving. */
    width: whole(),
    /** Halvings of the map of patches. */
    merges: whole(0, 1024),
    /** Blocks per map, on the way down and on the way up. */
    blocks: whole(0, 1024),
    /** Width of a head. */
    headWidth: whole(),
    mlpRatio: real({ above: 0 }),
    /** Mixes pixels of the maps with windows, and of the smallest with the class token, which must be an attention over tokens. */
    mixing: reference,
    globalAttention: reference,
    /** Whether there is a way up to logits for pixels, which the training then needs. */
    pixels: flag,
    weightNorm,
  },
  /** Learned queries that look for what is wrong, and say where they looked. */
  "set-queries": {
    ...patches,
    width: whole(),
    /** Blocks over the patches. */
    depth: whole(0, 1024),
    /** Decoder layers of the queries. */
    decoderDepth: whole(1, 1024),
    queries: whole(),
    headWidth: whole(),
    mlpRatio: real({ above: 0 }),
    attention: reference,
    /** An image's logit from its queries'. */
    pool: oneOf("mean", "logsumexp"),
    weightNorm,
  },
  /** The convolutional U-Net that the others are compared with. */
  "convolutional-unet": {
    /** Width after each halving. */
    channels: list(whole(), { least: 1 }),
    /** Whether there is a way up to logits for pixels, which the training then needs. */
    pixels: flag,
    weightNorm,
  },
});

export const settings = record({ ...imageSettings, generator, discriminator });

/** Blocks over the pixels of one map. */
export type PixelBlocksConfig = { readonly [Name in keyof typeof pixelBlocks]: SettingsOf<(typeof pixelBlocks)[Name]> };
export type GeneratorConfig = SettingsOf<typeof generator>;
export type WeightNorm = SettingsOf<typeof weightNorm>;
export type DiscriminatorConfig = SettingsOf<typeof discriminator>;
export type UnetDiscriminatorConfig = Extract<DiscriminatorConfig, { kind: "attention-unet" }>;
export type SetDiscriminatorConfig = Extract<DiscriminatorConfig, { kind: "set-queries" }>;
export type ConvolutionalDiscriminatorConfig = Extract<DiscriminatorConfig, { kind: "convolutional-unet" }>;
export type SkinnyConfig = SettingsOf<typeof settings>;

/** Rules between settings. */
export function checkConfig({ generator, discriminator, imageSize }: SkinnyConfig, rules: ConfigRules): void {
  const { demand, divides } = rules;
  const { tokens, coarse, styleInput, styleMixing, stack, fine } = generator;
  demand(Number.isInteger(Math.sqrt(tokens)), `generator.tokens must be a square, got ${tokens}`);
  divides(coarse.side, imageSize, "generator.coarse.side must divide imageSize");
  for (const [name, { width, heads }] of Object.entries({ stack, coarse, fine })) {
    divides(heads, width, `generator.${name}.heads must divide generator.${name}.width`);
  }
  demand(
    styleMixing === 0 || styleInput === "modulation",
    `generator.styleMixing needs generator.styleInput modulation, got ${styleInput}; layers share one w otherwise`,
  );
  if (discriminator.kind === "convolutional-unet") {
    const halvings = discriminator.channels.length;
    divides(2 ** halvings, imageSize, "the halvings of discriminator.channels must divide imageSize");
    return;
  }
  const { patchSize, overlap, width, headWidth } = discriminator;
  divides(headWidth, width, "discriminator.headWidth must divide discriminator.width");
  const even = !overlap || patchSize % 2 === 0;
  demand(even, `discriminator.patchSize must be even where patches overlap, got ${patchSize}`);
  const merges = discriminator.kind === "attention-unet" ? discriminator.merges : 0;
  divides(patchSize * 2 ** merges, imageSize, "discriminator.patchSize, doubled by each merge, must divide imageSize");
}

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

/** How weight matrices are normalised: not at all, W / sigma(W), sigma(W at the start) W / sigma(W), or the release's form of it. */
const weightNorm = oneOf("none", "spectral", "improved-spectral", "release-spectral");

/** How tokens become pixels. */
const output = kinds({
  /** Patch decoder: a modulated MLP over the coordinates of a patch's pixels (section 3.3). */
  implicit: {
    /** Widths of its hidden layers; the paper's two-layer MLP has one. */
    hidden: list(whole()),
    /** Layers between a token and the decoder's style; 0 takes the token itself, the release has 4. */
    mappingLayers: whole(0, 1024),
    /** Learned strength of per-pixel noise, while training. */
    noise: flag,
  },
  /** One linear map of a token to its pixels. */
  linear: {},
});

/** Settings of both vision transformers. */
const transformer = {
  /** Side P of a patch in pixels; must divide the image's. */
  patchSize: whole(),
  /** Width D of the tokens, and of w in the generator. */
  width: whole(),
  /** Number of blocks. */
  depth: whole(0, 1024),
  /** Number of heads; must divide the width unless `headWidth` is given. */
  heads: whole(),
  /** Hidden width of the blocks' MLP. */
  mlpWidth: whole(),
  /** An attention over tokens, see `Ref`; in the generator any mixer of a map. */
  attention: reference,
  weightNorm,
};

const generator = record({
  ...transformer,
  /** Width of z. */
  latentSize: whole(),
  /** Layers of the mapping network from z to w. */
  mappingLayers: whole(0, 1024),
  /** Learning-rate multiplier of the mapping network and of the decoder's. */
  mappingMultiplier: real({ above: 0 }),
  /** Width of one head; null for width / heads. */
  headWidth: nullable(whole()),
  /** `paper`: pre-norm blocks with GELU; `release`: residuals from the normalised tokens, SiLU, 1 + gamma in the norms. */
  form: oneOf("paper", "release"),
  /** Added to the variances of the norms. */
  normEpsilon: real({ above: 0 }),
  /** How the latent enters: `modulation` by self-modulated LayerNorm, `addition` to the input tokens with plain LayerNorm. */
  latentInput: oneOf("modulation", "addition"),
  output,
});

const discriminator = kinds({
  /** The paper's discriminator: a vision transformer. */
  transformer: {
    ...transformer,
    /** Windows of side 2P at stride P. */
    overlap: flag,
  },
  /** The release's discriminator: residual blocks of StyleGAN2. */
  residual: {
    /** Width after the first layer, then one residual block per further entry; each halves the image. */
    channels: list(whole(), { least: 1 }),
    /** Width of the last convolution and of the hidden linear layer. */
    finalChannels: whole(),
    /** Images per group of the minibatch standard deviation, and how many features it adds. */
    minibatchStdDev: record({ groupSize: whole(), features: whole() }),
    /** Taps of the blur before each halving; an even number of them. */
    blurTaps: list(real(), { least: 2 }),
  },
});

export const settings = record({ ...imageSettings, generator, discriminator });

export type OutputConfig = SettingsOf<typeof output>;
export type GeneratorConfig = SettingsOf<typeof generator>;
export type DiscriminatorConfig = SettingsOf<typeof discriminator>;
export type TransformerConfig = Extract<DiscriminatorConfig, { kind: "transformer" }>;
export type ResidualConfig = Extract<DiscriminatorConfig, { kind: "residual" }>;
export type VitganConfig = SettingsOf<typeof settings>;

/** Rules between settings. */
export function checkConfig({ imageSize, generator, discriminator }: VitganConfig, rules: ConfigRules): void {
  const { demand, divides } = rules;
  const { latentInput, mappingLayers, latentSize, width } = generator;
  divides(generator.patchSize, imageSize, "generator.patchSize must divide imageSize");
  if (generator.headWidth === null) divides(generator.heads, width, "generator.heads must divide generator.width");
  demand(
    mappingLayers > 0 || latentSize === width,
    `without mapping layers generator.latentSize must equal generator.width (${width}), got ${latentSize} (${latentInput})`,
  );
  if (discriminator.kind === "transformer") {
    const { patchSize, heads, overlap } = discriminator;
    divides(patchSize, imageSize, "discriminator.patchSize must divide imageSize");
    divides(heads, discriminator.width, "discriminator.heads must divide discriminator.width");
    const even = !overlap || patchSize % 2 === 0;
    demand(even, `discriminator.patchSize must be even where patches overlap, got ${patchSize}`);
  } else {
    const { channels, minibatchStdDev, blurTaps } = discriminator;
    divides(2 ** (channels.length - 1), imageSize, "the residual blocks' halvings must divide imageSize");
    divides(minibatchStdDev.features, channels.at(-1) ?? 0, "minibatchStdDev.features must divide the last width");
    demand(blurTaps.length % 2 === 0, `discriminator.blurTaps must be an even number of taps, got ${blurTaps.length}`);
  }
}

/** How weight matrices are normalised: not at all, W / sigma(W), sigma(W at the start) W / sigma(W), or the release's form of it. */
export type WeightNorm = "none" | "spectral" | "improved-spectral" | "release-spectral";

/** How tokens become pixels. */
export type OutputConfig =
  | {
      /** Patch decoder: a modulated MLP over the coordinates of a patch's pixels (section 3.3). */
      readonly kind: "implicit";
      /** Widths of its hidden layers; the paper's two-layer MLP has one. */
      readonly hidden: readonly number[];
      /** Layers between a token and the decoder's style; 0 takes the token itself, the release has 4. */
      readonly mappingLayers: number;
      /** Learned strength of per-pixel noise, while training. */
      readonly noise: boolean;
    }
  | {
      /** One linear map of a token to its pixels. */
      readonly kind: "linear";
    };

export interface GeneratorConfig {
  /** Width of z. */
  readonly latentSize: number;
  /** Layers of the mapping network from z to w. */
  readonly mappingLayers: number;
  /** Learning-rate multiplier of the mapping network and of the decoder's. */
  readonly mappingMultiplier: number;
  /** Side of a patch in pixels; must divide the image's. */
  readonly patchSize: number;
  /** Width D of the tokens and of w. */
  readonly width: number;
  /** Number of blocks. */
  readonly depth: number;
  /** Number of heads; must divide the width unless `headWidth` is given. */
  readonly heads: number;
  /** Width of one head; null for width / heads. */
  readonly headWidth: number | null;
  /** Hidden width of the blocks' MLP. */
  readonly mlpWidth: number;
  /** Id of an attention variant. */
  readonly attention: string;
  /** `paper`: pre-norm blocks with GELU; `release`: residuals from the normalised tokens, SiLU, 1 + gamma in the norms. */
  readonly form: "paper" | "release";
  /** Added to the variances of the norms. */
  readonly normEpsilon: number;
  /** How the latent enters: `modulation` by self-modulated LayerNorm, `addition` to the input tokens with plain LayerNorm. */
  readonly latentInput: "modulation" | "addition";
  readonly output: OutputConfig;
  readonly weightNorm: WeightNorm;
}

/** The paper's discriminator: a vision transformer. */
export interface TransformerDiscriminatorConfig {
  readonly kind: "transformer";
  /** Side P of a patch in pixels. */
  readonly patchSize: number;
  /** Windows of side 2P at stride P. */
  readonly overlap: boolean;
  readonly width: number;
  readonly depth: number;
  readonly heads: number;
  readonly mlpWidth: number;
  /** Id of an attention variant. */
  readonly attention: string;
  readonly weightNorm: WeightNorm;
}

/** The release's discriminator: residual blocks of StyleGAN2. */
export interface ResidualDiscriminatorConfig {
  readonly kind: "residual";
  /** Width after the first layer, then one residual block per further entry; each halves the image. */
  readonly channels: readonly number[];
  /** Width of the last convolution and of the hidden linear layer. */
  readonly finalChannels: number;
  /** Images per group of the minibatch standard deviation, and how many features it adds. */
  readonly minibatchStdDev: { readonly groupSize: number; readonly features: number };
  /** Taps of the blur before each halving; an even number of them. */
  readonly blurTaps: readonly number[];
}

export type DiscriminatorConfig = TransformerDiscriminatorConfig | ResidualDiscriminatorConfig;

export interface VitganConfig {
  /** Side of the square images in pixels. */
  readonly imageSize: number;
  /** 1 for grey, 3 for colour. */
  readonly channels: number;
  /** Classes that images are drawn and judged by; 0 for none. */
  readonly classes: number;
  readonly generator: GeneratorConfig;
  readonly discriminator: DiscriminatorConfig;
}

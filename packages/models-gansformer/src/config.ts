/** Where a pixel stands, as attention is told. */
export type PositionConfig =
  | { readonly kind: "none" }
  | {
      /** Fixed sines and cosines along so many directions. */
      readonly kind: "sinusoidal";
      readonly directions: number;
    }
  | {
      /** Learned vectors, each times the place along a direction, from -1 to 1. */
      readonly kind: "linear";
      readonly directions: number;
    }
  | { /** A learned vector for each row and each column. */ readonly kind: "axes" }
  | { /** A learned vector for each pixel. */ readonly kind: "table" };

/** How the latents of components reach the image. */
export interface BipartiteConfig {
  readonly kind: "bipartite";
  /** Id of a cross-attention: `duplex`, `simplex`, or one from outside, whose output is added to the map. */
  readonly variant: string;
  /** Number k of components, each with a latent of its own. */
  readonly components: number;
  readonly heads: number;
  /** How a map changes by what it reads: x (1 + c), x + c, or x (1 + c) + c'. */
  readonly integration: "multiply" | "add" | "both";
  /** Norm of the map before; null for none. */
  readonly norm: "layer" | "instance" | null;
  /** Where duplex attention's centroids start: parameters, linear in the latents, or what the layer before assigned. */
  readonly centroids: "learned" | "latents" | "carried";
  /** Times that duplex attention assigns pixels in a layer. */
  readonly rounds: number;
  readonly position: PositionConfig;
  /** A learned vector for each component, for attention to tell them apart. */
  readonly latentPositions: boolean;
  /** Sigmoid gates, of each pixel for all it reads and of each latent for all that read it. */
  readonly gates: { readonly pixels: boolean; readonly latents: boolean };
  /** Probability of dropout in training, half of it for weights and half for whole latents. */
  readonly dropout: number;
  /** Self-attention between latents before each layer of the mapping network. */
  readonly betweenLatents: boolean;
  /** Sides of the smallest and the largest maps that attend. */
  readonly from: number;
  readonly to: number;
  /** Probability that a component is left out of an image, in training. */
  readonly componentDropout: number;
  /** Probability that an image takes its last components from another latent, in training. */
  readonly componentMixing: number;
}

export type AttentionConfig = { readonly kind: "none" } | BipartiteConfig;

export type Architecture = "residual" | "skip" | "plain";

export interface GeneratorConfig {
  /** Width d of each latent, in z and in w. */
  readonly latentWidth: number;
  readonly mapping: {
    /** Layers before the last one. */
    readonly layers: number;
    /** Two layers at a time with a shortcut around them. */
    readonly residual: boolean;
    /** Learning-rate multiplier. */
    readonly multiplier: number;
  };
  /** A map of side s has min(channelBase / s, channelMax) channels. */
  readonly channelBase: number;
  readonly channelMax: number;
  /** How blocks make an image: with shortcuts, by adding up an image of each block, or neither. */
  readonly architecture: Architecture;
  /** A global latent that modulates the convolutions. */
  readonly style: boolean;
  /** Learned strength of noise for each pixel: new in training, always the same when sampling. */
  readonly noise: boolean;
  /** Taps of the blur after each doubling, an even number of them. */
  readonly blurTaps: readonly number[];
  readonly attention: AttentionConfig;
  /** Probability that an image's last layers take their styles from another latent, in training. */
  readonly styleMixing: number;
}

/** Learned vectors that read the image at every resolution; the authors switched them off. */
export interface AggregatorConfig {
  readonly kind: "aggregators";
  readonly count: number;
  readonly width: number;
  readonly heads: number;
  readonly integration: "multiply" | "add" | "both";
  readonly norm: "layer" | "instance" | null;
  readonly dropout: number;
  /** Aggregators attend to each other before they attend to the image. */
  readonly between: boolean;
  /** The image attends to the aggregators after they attended to it. */
  readonly back: boolean;
}

export interface DiscriminatorConfig {
  readonly channelBase: number;
  readonly channelMax: number;
  readonly architecture: Architecture;
  /** Images per group of the minibatch standard deviation, and how many features it adds. */
  readonly minibatchStdDev: { readonly groupSize: number; readonly features: number };
  readonly blurTaps: readonly number[];
  readonly attention: { readonly kind: "none" } | AggregatorConfig;
}

export interface GansformerConfig {
  /** Side of the square images in pixels, a power of 2 from 8. */
  readonly imageSize: number;
  /** 1 for grey, 3 for colour. */
  readonly channels: number;
  /** Number of classes that images are drawn and judged by; 0 for none. */
  readonly classes: number;
  readonly generator: GeneratorConfig;
  readonly discriminator: DiscriminatorConfig;
}

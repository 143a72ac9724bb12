/** `spectral`: W / sigma(W) for every convolution and linear map; `none`: W. */
export type WeightNorm = "none" | "spectral";

/** Which attention stands where. */
export interface AttentionConfig {
  /** Id of an attention variant over maps or tokens; or `residual`, a residual block of as many numbers as `sagan` has, to compare with. */
  readonly attention: string;
  /** Sides of the maps that it works on, in pixels, as `[32]`; each must be a side that a block gives. Empty for no attention. */
  readonly attentionAt: readonly number[];
  readonly heads: number;
}

/** The generator's norms over the batch. */
export interface NormConfig {
  /** Added to variances. */
  readonly epsilon: number;
  /** Share of the old statistics that a step keeps, in the blocks. */
  readonly decay: number;
  /** The same in the norm before the last convolution. */
  readonly finalDecay: number;
  /** What images are drawn with: statistics kept in training, or those of the images' own batch, as the authors' code does. */
  readonly sampling: "running" | "batch";
  /** Scale and shift of each class: `plain` tables from 0, or `spectral`, normalised as linear maps of a class. */
  readonly tables: "plain" | "spectral";
}

export interface GeneratorConfig extends AttentionConfig {
  /** Width of z. */
  readonly latentSize: number;
  /** Width of the 4x4 map that z becomes, then of the map that each block gives; a block doubles the side. */
  readonly widths: readonly number[];
  readonly norm: NormConfig;
  readonly weightNorm: WeightNorm;
}

export interface DiscriminatorConfig extends AttentionConfig {
  /** Width of the map that each block gives. */
  readonly widths: readonly number[];
  /** How many blocks, the first ones, halve the side. */
  readonly halvings: number;
  /** What the skip path of a block after the first gets: the map itself, or relu of it, as in a widely used port. */
  readonly skip: "plain" | "activated";
  readonly weightNorm: WeightNorm;
}

export interface SaganConfig {
  /** Side of the square images in pixels. */
  readonly imageSize: number;
  /** 1 for grey, 3 for colour. */
  readonly channels: number;
  /** Number of classes that images are drawn and judged by; 0 for none. */
  readonly classes: number;
  readonly generator: GeneratorConfig;
  readonly discriminator: DiscriminatorConfig;
}

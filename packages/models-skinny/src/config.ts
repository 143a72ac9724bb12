/** Blocks over the pixels of one map. */
export interface PixelBlocksConfig {
  readonly width: number;
  /** Number of blocks. */
  readonly count: number;
  /** What mixes pixels: `convolution`, `augmented-convolution`, or the id of an attention over tokens or maps. */
  readonly mixing: string;
  readonly heads: number;
  /** Computes its activations again in the backward pass, in memory that does not grow with the count; first derivatives only. */
  readonly reversible: boolean;
}

/** Settings of `local` attention and sides of convolutions' kernels, wherever blocks name them. */
export interface MixingConfig {
  /** Side of local attention's neighbourhoods, odd. */
  readonly neighbourhood: number;
  /** Divides local attention's logits by the root of a head's width; the paper does not. */
  readonly scaled: boolean;
  /** Side of a convolution's kernel, odd. */
  readonly kernel: number;
}

export interface GeneratorConfig {
  /** Width of the part of z that becomes w, and of w. */
  readonly styleWidth: number;
  readonly mapping: { readonly layers: number; readonly multiplier: number };
  /** Number L of latent tokens, a square. */
  readonly tokens: number;
  /** Numbers of z that each token gets for itself; 0 for none. */
  readonly noiseWidth: number;
  /** How w enters: it modulates the norms, joins the tokens as one more, or is all that they are made of. */
  readonly styleInput: "modulation" | "token" | "array";
  /** Probability that an image's last layers take w from another latent, in training. */
  readonly styleMixing: number;
  /** Of the blocks' MLPs, hidden width over width. */
  readonly mlpRatio: number;
  /** The deep stack over the latent tokens; `count` is its depth. */
  readonly stack: PixelBlocksConfig;
  /** The first pixels, read from the latents by cross-attention: a map of this side. */
  readonly coarse: PixelBlocksConfig & { readonly side: number };
  /** All pixels. */
  readonly fine: PixelBlocksConfig;
  readonly mixing: MixingConfig;
}

/** How weight matrices are normalised. */
export type WeightNorm = "none" | "spectral" | "improved-spectral";

/** A U-Net of attention: logits of images from a class token, logits of pixels from the decoder. */
export interface UnetDiscriminatorConfig {
  readonly kind: "attention-unet";
  /** Side of a patch in pixels. */
  readonly patchSize: number;
  /** Windows of side 2P at stride P. */
  readonly overlap: boolean;
  /** Width of the tokens of the largest map; it doubles with each halving. */
  readonly width: number;
  /** Halvings of the map of patches. */
  readonly merges: number;
  /** Blocks per map, on the way down and on the way up. */
  readonly blocks: number;
  /** Width of a head. */
  readonly headWidth: number;
  readonly mlpRatio: number;
  /** Side of the windows of `grid` attention; a smaller map is one window. */
  readonly window: number;
  /** Mixes pixels of the maps with windows, and of the smallest with the class token, which must be an attention over tokens. */
  readonly mixing: string;
  readonly globalAttention: string;
  /** Whether there is a way up to logits for pixels, which the training then needs. */
  readonly pixels: boolean;
  readonly weightNorm: WeightNorm;
}

/** Learned queries that look for what is wrong, and say where they looked. */
export interface SetDiscriminatorConfig {
  readonly kind: "set-queries";
  readonly patchSize: number;
  readonly overlap: boolean;
  readonly width: number;
  /** Blocks over the patches. */
  readonly depth: number;
  /** Decoder layers of the queries. */
  readonly decoderDepth: number;
  readonly queries: number;
  readonly headWidth: number;
  readonly mlpRatio: number;
  readonly attention: string;
  /** An image's logit from its queries'. */
  readonly pool: "mean" | "logsumexp";
  readonly weightNorm: WeightNorm;
}

/** The convolutional U-Net that the others are compared with. */
export interface ConvolutionalDiscriminatorConfig {
  readonly kind: "convolutional-unet";
  /** Width after each halving. */
  readonly channels: readonly number[];
  /** Whether there is a way up to logits for pixels, which the training then needs. */
  readonly pixels: boolean;
  readonly weightNorm: WeightNorm;
}

export type DiscriminatorConfig = UnetDiscriminatorConfig | SetDiscriminatorConfig | ConvolutionalDiscriminatorConfig;

export interface SkinnyConfig {
  /** Side of the square images in pixels. */
  readonly imageSize: number;
  /** 1 for grey, 3 for colour. */
  readonly channels: number;
  /** Number of classes that images are drawn and judged by; 0 for none. */
  readonly classes: number;
  readonly generator: GeneratorConfig;
  readonly discriminator: DiscriminatorConfig;
}

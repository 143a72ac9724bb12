import type { Tensor1D, Tensor2D, Tensor3D, Tensor4D } from "@tensorflow/tfjs-core";
import type { ParamTree } from "../tree/param-tree.js";
import type { AttentionVariant } from "./attention.js";
import type { Context, Layer, WeightTransform } from "./layer.js";
import type { TrainingConfig } from "./training-config.js";
import type { ReferenceWeights } from "./weights.js";

/** The two halves of a generator whose latent enters as a style w: for truncation and walks in w. */
export interface GeneratorStyles<Generator extends ParamTree = ParamTree> {
  /** z `[B, latentSize]` to w `[B, D]`. */
  of(params: Generator, z: Tensor2D, context?: Context): Tensor2D;
  /** w `[B, D]` to images `[B, H, W, C]`; after `of` it gives what the generator gives when sampling. */
  draw(params: Generator, w: Tensor2D, context?: Context): Tensor4D;
  /** The same with one style per layer, `[B, L, D]`: for path-length regularisation and for mixing. Absent where one w serves all. */
  readonly layers?: {
    of(params: Generator, z: Tensor2D, context?: Context): Tensor3D;
    draw(params: Generator, styles: Tensor3D, context?: Context): Tensor4D;
  };
  /**
   * Where w starts with a latent for each of some components of the image, `[count, width]` numbers, which may come from different
   * images; what follows them belongs to the whole image. Absent where w is one vector.
   */
  readonly components?: { readonly count: number; readonly width: number };
}

/** A discriminator's two answers: one for the image and one for each pixel. */
export interface PixelLogits {
  /** `[B]`, what the discriminator itself gives. */
  readonly image: Tensor1D;
  /** `[B, H, W, 1]`. */
  readonly pixels: Tensor4D;
}

/** A generator that can start from a small image in place of noise, all later parameters shared. */
export interface SuperResolution<Generator extends ParamTree = ParamTree> {
  /** Side of the small images. */
  readonly size: number;
  /** Images `[B, size, size, C]` to images `[B, H, W, C]`. */
  apply(params: Generator, small: Tensor4D, context: Context): Tensor4D;
}

/** A generator and a discriminator over images `[B, H, W, C]` in [-1, 1]. */
export interface AdversarialModel<
  Generator extends ParamTree = ParamTree,
  Discriminator extends ParamTree = ParamTree,
> {
  /** Width of z; z is drawn from N(0, I). */
  readonly latentSize: number;
  /** `[H, W, C]`. */
  readonly imageShape: readonly [number, number, number];
  /** Classes that images are drawn and judged by; every context then carries labels in [0, classes). Absent without classes. */
  readonly classes?: number;
  /** z `[B, latentSize]` to images `[B, H, W, C]`. */
  readonly generator: Layer<Generator, Tensor2D, Tensor4D>;
  /** Absent where there is no w. */
  readonly styles?: GeneratorStyles<Generator>;
  /** Images to logits `[B]`. */
  readonly discriminator: Layer<Discriminator, Tensor4D, Tensor1D>;
  /** The discriminator with its logits per pixel; absent where it has none. */
  readonly pixels?: Pick<Layer<Discriminator, Tensor4D, PixelLogits>, "apply">;
  /** Where each of the discriminator's learned queries looks: images to weights `[B, m, N]` of N places; absent where it has none. */
  readonly queries?: Pick<Layer<Discriminator, Tensor4D, Tensor3D>, "apply">;
  /** Absent where the generator cannot be co-trained so. */
  readonly superResolution?: SuperResolution<Generator>;
  /** True when a logit depends on the other images of its batch (minibatch deviation): real and fake are then kept apart. */
  readonly discriminatorComparesImages?: boolean;
  /** Applied to the parameters before each use, as spectral normalisation is. */
  readonly generatorWeights?: WeightTransform<Generator>;
  readonly discriminatorWeights?: WeightTransform<Discriminator>;
}

/** A ready configuration: the model and how it is trained. */
export interface Preset<Config> {
  readonly id: string;
  /** Which table or command of which source it reproduces. */
  readonly source: string;
  readonly model: Config;
  readonly training: TrainingConfig;
}

/** What a family takes from outside where a config names it. */
export interface ModelParts {
  /** Variants of other packages; a family knows those that it comes with. */
  readonly attentions?: readonly AttentionVariant[];
}

export interface ModelFamily<Config = unknown> {
  readonly id: string;
  readonly source: string;
  readonly presets: readonly Preset<Config>[];
  /** Fills in a preset's model config with overrides. Throws `invalid-config` on an unknown key, listing the known ones. */
  configure(base: Config, overrides: Readonly<Record<string, unknown>>): Config;
  create(config: Config, parts?: ModelParts): AdversarialModel;
  /** How the authors' files name and lay out the weights; absent where there are none to be had. */
  readonly weights?: ReferenceWeights<Config>;
}

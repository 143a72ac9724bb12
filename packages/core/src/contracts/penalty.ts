import type { Scalar, Tensor1D, Tensor3D, Tensor4D } from "@tensorflow/tfjs-core";
import type { Key } from "../random/key.js";
import type { ParamTree } from "../tree/param-tree.js";

export interface PenaltyInput {
  readonly real: Tensor4D;
  readonly fake: Tensor4D;
  /** The discriminator as the loss sees it, with its augmentation and its weight transform, under the classes of the real images. */
  readonly discriminate: (images: Tensor4D) => Tensor1D;
  /**
   * d sum D(x) / d x at the real images `[B, H, W, C]`, through the augmentation; computed once for all penalties that ask, in
   * the same pass as the logits of the loss.
   */
  readonly realGradient: () => Tensor4D;
  /** The same at the generated images. */
  readonly fakeGradient: () => Tensor4D;
  /** Where the discriminator's queries look on the real and on the generated images, `[2 B, m, N]`; where `readsQueries` is true. */
  readonly queries: () => Tensor3D;
  readonly key: Key;
}

/** A term of the discriminator's objective that differentiates the discriminator, or looks into it. */
export interface Penalty {
  readonly id: string;
  readonly source: string;
  /** Applied every `every` steps, multiplied by `every` (lazy regularisation); 1 for each step. */
  readonly every: number;
  /** True for one that needs a discriminator of learned queries. */
  readonly readsQueries?: boolean;
  apply(input: PenaltyInput): Scalar;
}

export interface GeneratorPenaltyInput {
  /** Images of a step of the generator. */
  readonly batch: number;
  /** Styles per layer `[count, L, D]` of fresh latents. */
  readonly styles: (count: number) => Tensor3D;
  /** Images `[count, H, W, C]` of styles. */
  readonly draw: (styles: Tensor3D) => Tensor4D;
  readonly key: Key;
}

/** A term of the generator's objective that differentiates the generator and remembers something from step to step. */
export interface GeneratorPenalty {
  readonly id: string;
  readonly source: string;
  /** Applied every `every` steps, multiplied by `every`; 1 for each step. */
  readonly every: number;
  /** What it remembers, before the first step. */
  init(): ParamTree;
  apply(input: GeneratorPenaltyInput, memory: ParamTree): { readonly value: Scalar; readonly memory: ParamTree };
}

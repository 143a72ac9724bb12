import type { Scalar, Tensor1D, Tensor4D } from "@tensorflow/tfjs-core";
import type { Key } from "../random/key.js";

export interface PenaltyInput {
  readonly real: Tensor4D;
  readonly fake: Tensor4D;
  /** The discriminator as the loss sees it: with its augmentation and its weight transform. */
  readonly discriminate: (images: Tensor4D) => Tensor1D;
  /**
   * d sum D(x) / d x at the real images `[B, H, W, C]`, through the augmentation; computed once for all penalties that ask, in
   * the same pass as the logits of the loss.
   */
  readonly realGradient: () => Tensor4D;
  readonly key: Key;
}

/** A term of the discriminator's objective that differentiates the discriminator. */
export interface Penalty {
  readonly id: string;
  readonly source: string;
  /** Applied every `every` steps, multiplied by `every` (lazy regularisation); 1 for each step. */
  readonly every: number;
  apply(input: PenaltyInput): Scalar;
}

import type { Scalar, Tensor4D } from "@tensorflow/tfjs-core";
import type { Key } from "../random/key.js";

/** A differentiable transform of images `[B, H, W, C]`, random per sample. */
export interface Augmentation {
  readonly id: string;
  readonly source: string;
  /** True when it takes a strength in [0, 1], the chance of each of its operations, that a controller sets during training. */
  readonly adaptive?: boolean;
  /** @param strength given where `adaptive` is true. */
  apply(images: Tensor4D, key: Key, strength?: Scalar): Tensor4D;
}

import type { Tensor4D } from "@tensorflow/tfjs-core";
import type { Key } from "../random/key.js";

/** A differentiable transform of images `[B, H, W, C]`, random per sample. */
export interface Augmentation {
  readonly id: string;
  readonly source: string;
  apply(images: Tensor4D, key: Key): Tensor4D;
}

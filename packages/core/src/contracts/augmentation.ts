import type { Scalar, Tensor4D } from "@tensorflow/tfjs-core";
import type { AnyComponent } from "../component/component.js";
import type { Key } from "../random/key.js";
import type { ParamTree } from "../tree/param-tree.js";
import type { Progress } from "./schedule.js";
import type { TermInputs } from "./term.js";

/** What an augmentation may read besides images. */
export interface AugmentationState<Memory extends ParamTree = ParamTree> {
  readonly progress: Progress;
  readonly memory: Memory;
}

/** A differentiable transform of every image that the discriminator sees, random per sample. */
export interface Augmentation<Memory extends ParamTree = ParamTree> {
  /** Images `[B, H, W, C]` to images of that shape. */
  apply(images: Tensor4D, key: Key, state: AugmentationState<Memory>): Tensor4D;
  /** Memory of a controller before the first step; absent without one. */
  init?(): Memory;
  /**
   * Once per update of the discriminator.
   *
   * @param sign mean of sign D(x) over the real images of the update, in [-1, 1].
   */
  adapt?(memory: Memory, sign: Scalar, progress: Progress): Memory;
}

/** An augmentation as a plugin contributes it. */
export interface AugmentationComponent extends AnyComponent {
  create(settings: never, inputs: TermInputs): Augmentation;
}

import type { Scalar, Tensor4D } from "@tensorflow/tfjs-core";
import type { AnyComponent } from "../component/component.js";
import type { Key } from "../random/key.js";
import type { ParamTree } from "../tree/param-tree.js";
import type { Progress } from "./schedule.js";
import type { TermInputs } from "./term.js";

/** Inputs of an augmentation besides images. */
export interface AugmentationState<Memory extends ParamTree = ParamTree> {
  readonly progress: Progress;
  readonly memory: Memory;
}

/** A differentiable augmentation of every image that the discriminator sees, random per sample. */
export interface Augmentation<Memory extends ParamTree = ParamTree> {
  /** Shape: images `[B, H, W, C]` to `[B, H, W, C]`. */
  apply(images: Tensor4D, key: Key, state: AugmentationState<Memory>): Tensor4D;
  /** Initial memory of a controller; absent without one. */
  init?(): Memory;
  /**
   * Called once per update of the discriminator.
   *
   * @param sign mean of sign D(x) over the real images of the update, in [-1, 1].
   */
  adapt?(memory: Memory, sign: Scalar, progress: Progress): Memory;
}

/** An augmentation as a plugin provides it. */
export interface AugmentationComponent extends AnyComponent {
  create(settings: never, inputs: TermInputs): Augmentation;
}

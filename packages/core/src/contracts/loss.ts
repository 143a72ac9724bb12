import type { Scalar, Tensor, Tensor1D, Tensor2D } from "@tensorflow/tfjs-core";
import type { AnyComponent } from "../component/component.js";

/** What a discriminator says of images: `[B]`, or `[B, K]` for K logits per image. */
export type Logits = Tensor1D | Tensor2D;

/** The two objectives of an adversarial game: means over all logits of a batch. */
export interface AdversarialLoss {
  /** Real and fake logits of one shape. */
  discriminator(real: Tensor, fake: Tensor): Scalar;
  /**
   * @param real logits of real images; given only where `generatorSeesReal` is true.
   * @param weights of the logits in the mean, broadcast to their shape; all count the same by default.
   */
  generator(fake: Tensor, real?: Tensor, weights?: Tensor): Scalar;
  /** True for a relativistic loss, whose generator is judged against real images, in pairs. */
  readonly generatorSeesReal?: boolean;
}

/** A loss as a plugin contributes it. */
export interface LossComponent extends AnyComponent {
  create(settings: never, inputs: object): AdversarialLoss;
}

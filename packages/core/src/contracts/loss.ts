import type { Scalar, Tensor, Tensor1D, Tensor2D } from "@tensorflow/tfjs-core";
import type { AnyComponent } from "../component/component.js";

/** Output of the discriminator: `[B]`, or `[B, K]` for K logits per image. */
export type Logits = Tensor1D | Tensor2D;

/** Adversarial loss of both networks, each a mean over all logits of a batch. */
export interface AdversarialLoss {
  /** Real and fake logits of equal shape. */
  discriminator(real: Tensor, fake: Tensor): Scalar;
  /**
   * @param real logits of real images; passed only if `generatorSeesReal` is true.
   * @param weights weights of the logits in the mean, broadcast to their shape. Default: equal.
   */
  generator(fake: Tensor, real?: Tensor, weights?: Tensor): Scalar;
  /** True for a relativistic loss, whose generator loss compares fake with real images in pairs. */
  readonly generatorSeesReal?: boolean;
}

/** A loss as a plugin provides it. */
export interface LossComponent extends AnyComponent {
  create(settings: never, inputs: object): AdversarialLoss;
}

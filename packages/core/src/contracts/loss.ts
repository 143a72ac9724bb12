import type { Scalar, Tensor1D } from "@tensorflow/tfjs-core";

/** The two objectives of an adversarial game, means over a batch of logits `[B]`. */
export interface AdversarialLoss {
  readonly id: string;
  readonly source: string;
  discriminator(real: Tensor1D, fake: Tensor1D): Scalar;
  /** @param real logits of real images; given only where `generatorSeesReal` is true. */
  generator(fake: Tensor1D, real?: Tensor1D): Scalar;
  /** True for a relativistic loss, whose generator is judged against real images. */
  readonly generatorSeesReal?: boolean;
}

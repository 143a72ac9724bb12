import type { Scalar, Tensor1D } from "@tensorflow/tfjs-core";

/** The two objectives of an adversarial game, means over a batch of logits `[B]`. */
export interface AdversarialLoss {
  readonly id: string;
  readonly source: string;
  discriminator(real: Tensor1D, fake: Tensor1D): Scalar;
  generator(fake: Tensor1D): Scalar;
}

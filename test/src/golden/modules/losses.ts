import { averageDecay, consistency, drift, hinge, leastSquares, nonSaturating, wasserstein } from "@ganymede/training";
import * as tf from "@tensorflow/tfjs-core";
import type { Adapter } from "../adapter.js";

interface LossesConfig {
  readonly drift_weight: number;
  readonly bcr_real: number;
  readonly bcr_fake: number;
  readonly ema_batch: number;
  readonly ema_kimg: number;
  readonly ema_rampup: number;
}

export const losses: Adapter = (golden) => {
  const config = golden.file.config as unknown as LossesConfig;
  const logits = (name: string) => tf.reshape(golden.tensor(name), [-1]) as tf.Tensor1D;
  const [real, fake] = [logits("real"), logits("fake")];
  const [realAgain, fakeAgain] = [logits("real_aug"), logits("fake_aug")];
  const balance = consistency(
    { base: real, augmented: realAgain },
    { base: fake, augmented: fakeAgain },
    { real: config.bcr_real, fake: config.bcr_fake },
  );
  const average = { halfLifeImages: config.ema_kimg * 1000, rampUp: config.ema_rampup, batch: config.ema_batch };
  const values: Record<string, tf.Tensor> = {
    "logistic.d": nonSaturating().create({}).discriminator(real, fake),
    "logistic_ns.g": nonSaturating().create({}).generator(fake),
    "hinge.d": hinge().create({}).discriminator(real, fake),
    "hinge.g": hinge().create({}).generator(fake),
    "wgan.d": wasserstein().create({}).discriminator(real, fake),
    "lsgan.d": leastSquares().create({}).discriminator(real, fake),
    "lsgan.g": leastSquares().create({}).generator(fake),
    wgan_eps_drift: drift(real, config.drift_weight),
    "ema.beta_transgan_cifar": averageDecay(average, golden.tensor("ema.images_seen")),
  };
  // The name of this one carries its weights.
  for (const name of golden.file.outputs) if (name.startsWith("bcr_")) values[name] = balance;
  return values;
};

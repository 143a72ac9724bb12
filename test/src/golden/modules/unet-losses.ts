import { cutMixLoss, cutMixTerms, nonSaturating, pixelLoss } from "@ganymede/training";
import * as tf from "@tensorflow/tfjs-core";
import type { Adapter, Golden } from "../adapter.js";
import { toImages } from "./layout.js";

const flat = (logits: tf.Tensor): tf.Tensor1D => tf.reshape(logits, [-1]);

/** Cross-entropy of logits with 1, and with 0. */
const withOne = (logits: tf.Tensor) => nonSaturating.generator(flat(logits));
const withZero = (logits: tf.Tensor) => withOne(tf.neg(logits));

function logitsAt(golden: Golden, name: string) {
  return { image: flat(golden.tensor(`enc_${name}`)), pixels: toImages(golden.tensor(`dec_${name}`)) };
}

export const cutMixLosses: Adapter = (golden) => {
  const { consistency_weight: weight } = golden.file.config as { readonly consistency_weight: number };
  const [real, fake, mixed] = [logitsAt(golden, "real"), logitsAt(golden, "fake"), logitsAt(golden, "mixed")];
  const logits = { real, fake, mixed, mask: toImages(golden.tensor("mask")) };
  const { pixels, image, consistency } = cutMixTerms(logits);
  const loss = pixelLoss(nonSaturating);
  const base = loss.discriminator(real, fake);
  const outputs: Readonly<Record<string, tf.Scalar>> = {
    d_real_pixel: withOne(real.pixels),
    d_fake_pixel: withZero(fake.pixels),
    d_real_enc: withOne(real.image),
    d_fake_enc: withZero(fake.image),
    d_loss_base: base,
    mixed_pixel_bce: pixels,
    mixed_enc_bce_fake: image,
    consistency_mse: consistency,
    d_loss_full: tf.add(base, cutMixLoss(logits, weight)),
    g_loss: loss.generator(fake),
  };
  return Object.fromEntries(Object.entries(outputs).map(([name, value]) => [name, tf.reshape(value, [1])]));
};

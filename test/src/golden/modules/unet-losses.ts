import { cutMixLoss, cutMixTerms, nonSaturating, pixelLoss } from "@ganymede/training";
import * as tf from "@tensorflow/tfjs-core";
import type { Adapter, Golden } from "../adapter.js";
import { toImages } from "./layout.js";

const flat = (logits: tf.Tensor): tf.Tensor1D => tf.reshape(logits, [-1]);

/** Cross-entropy of logits with 1, and with 0. */
const loss = nonSaturating().create({});
const pixels = pixelLoss(loss);

const withOne = (logits: tf.Tensor) => loss.generator(flat(logits));
const withZero = (logits: tf.Tensor) => withOne(tf.neg(logits));

function logitsAt(golden: Golden, name: string) {
  return { image: flat(golden.tensor(`enc_${name}`)), pixels: toImages(golden.tensor(`dec_${name}`)) };
}

export const cutMixLosses: Adapter = (golden) => {
  const { consistency_weight: weight } = golden.file.config as { readonly consistency_weight: number };
  const [real, fake, mixed] = [logitsAt(golden, "real"), logitsAt(golden, "fake"), logitsAt(golden, "mixed")];
  const logits = { real, fake, mixed, mask: toImages(golden.tensor("mask")) };
  const mixing = cutMixTerms(logits);
  const base = tf.add(
    tf.mul(loss.discriminator(real.image, fake.image), 0.5),
    pixels.discriminator(real, fake),
  ) as tf.Scalar;
  const outputs: Readonly<Record<string, tf.Scalar>> = {
    d_real_pixel: withOne(real.pixels),
    d_fake_pixel: withZero(fake.pixels),
    d_real_enc: withOne(real.image),
    d_fake_enc: withZero(fake.image),
    d_loss_base: base,
    mixed_pixel_bce: mixing.pixels,
    mixed_enc_bce_fake: mixing.image,
    consistency_mse: mixing.consistency,
    d_loss_full: tf.add(base, cutMixLoss(logits, weight)),
    g_loss: tf.add(tf.mul(loss.generator(fake.image), 0.5), pixels.generator(fake)),
  };
  return Object.fromEntries(Object.entries(outputs).map(([name, value]) => [name, tf.reshape(value, [1])]));
};

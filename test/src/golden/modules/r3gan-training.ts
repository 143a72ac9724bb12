import type { Scheduled } from "@ganymede/core";
import { real } from "@ganymede/core/config";
import { adam, averageDecay, cutoutAt, scheduleResolver } from "@ganymede/training";
import * as tf from "@tensorflow/tfjs-core";
import type { Adapter } from "../adapter.js";
import { fromImages, toImages } from "./layout.js";

const schedule = scheduleResolver();

/** Cutout with stored centres. */
export const adaCutout: Adapter = (golden) => {
  const { size } = golden.file.config as { readonly size: number };
  const centre = golden.constant<tf.Tensor2D>("centre");
  const chosen = tf.cast(golden.constant<tf.Tensor1D>("chosen"), "float32");
  return { out: fromImages(cutoutAt(toImages(golden.tensor("x")), centre, chosen, size)) };
};

interface AdamConfig {
  readonly beta1: number;
  readonly beta2s: readonly number[];
  readonly eps: number;
  readonly learning_rates: readonly number[];
}

/** Adam whose step size and second decay differ from step to step. */
export const movingAdam: Adapter = (golden) => {
  const { beta1, beta2s, eps, learning_rates: rates } = golden.file.config as unknown as AdamConfig;
  const target = golden.constant("target");
  const outputs: Record<string, tf.Tensor> = {};
  let w = golden.tensor("w0");
  let state = adam({ beta1 }).create({ schedule }).init(w);
  for (const [step, beta2] of beta2s.entries()) {
    const settings = { learningRate: rates[step] as number, beta1, beta2, epsilon: eps };
    const gradient = tf.mul(tf.sub(w, target), 2 * (1 + 0.5 * ((step + 1) % 3)));
    const progress = { step: tf.scalar(step), images: tf.scalar(step) };
    ({ params: w, state } = adam(settings).create({ schedule }).update(gradient, state, w, progress));
    outputs[`w${step + 1}`] = w;
  }
  return outputs;
};

const scheduledNames = ["learning_rate", "beta2", "gamma", "ema_half_life_images", "augment_probability"] as const;

type Ends = Readonly<Record<(typeof scheduledNames)[number], readonly [number, number]>>;

/** Half a cosine between two values for five quantities, and the decay of the moving average that one of them gives. */
export const cosineSchedules: Adapter = (golden) => {
  const config = golden.file.config as unknown as Ends & { readonly batch: number; readonly total_images: number };
  const images = Array.from(golden.values("images"));
  const at = (name: (typeof scheduledNames)[number], seen: number) => {
    const [from, to] = config[name];
    const half: Scheduled = { id: "cosine", from, to, images: config.total_images };
    return schedule(half, name, real()).at({ step: tf.scalar(0), images: tf.scalar(seen) }) as tf.Scalar;
  };
  const decay = (seen: number) => {
    const halfLifeImages = at("ema_half_life_images", seen);
    return averageDecay({ halfLifeImages, rampUp: 0, batch: config.batch }, tf.scalar(seen)) as tf.Scalar;
  };
  const rows = scheduledNames.map((name) => [name, tf.stack(images.map((seen) => at(name, seen)))] as const);
  return { ...Object.fromEntries(rows), ema_decay: tf.stack(images.map(decay)) };
};

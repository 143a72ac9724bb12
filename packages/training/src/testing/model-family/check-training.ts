import type { Ref, TrainingConfig } from "@ganymede/core";
import { fold, key, leaves, normal } from "@ganymede/core";
import { demand, expectNoLeaks, purely } from "@ganymede/core/testing";
import * as tf from "@tensorflow/tfjs-core";
import "../../objective/capabilities.js";
import type { TrainingComponents } from "../../step/resolve-training.js";
import { createTrainStep } from "../../step/train-step.js";
import type { ModelCase } from "./case.js";
import { batch, labelsOf, samplingContext } from "./case.js";

/** Components that the family's training may name, and terms for parameters that the loss alone does not reach. */
export interface TrainingCase {
  readonly components: TrainingComponents;
  readonly generatorTerms: readonly Ref[];
}

const rate = { id: "adam", learningRate: 0.001, beta1: 0, beta2: 0.99 };

const training: TrainingConfig = {
  batch,
  optimizer: { generator: rate, discriminator: rate },
  loss: "non-saturating",
  ema: { halfLifeImages: 1000, rampUp: 0.05, startImages: 0 },
};

/** Two training steps and the state after them. */
function twoSteps({ model, who }: ModelCase, { components, generatorTerms }: TrainingCase) {
  const pixels = model.pixelLogits === undefined ? [] : ["pixel-logits"];
  const config: TrainingConfig = {
    ...training,
    discriminatorTerms: pixels,
    generatorTerms: [...pixels, ...generatorTerms],
  };
  const train = createTrainStep(model, config, components);
  const state = train.init(key(4));
  const images = normal<tf.Rank.R4>(key(5), [batch, ...model.imageShape]);
  const real = model.classes === undefined ? images : { images, labels: labelsOf(model.classes) };
  const update = (from: typeof state) => train.step(from, real, fold(key(6), 0), train.phase(0));
  const step = (from: typeof state) => purely(() => update(from), `${who}: a training step`);
  return { state, step };
}

const distance = async (a: tf.Tensor, b: tf.Tensor) => (await tf.max(tf.abs(tf.sub(a, b))).data())[0] as number;

/** Checks that another class changes the image and the logit. */
async function checkClasses(
  { model, who, z }: ModelCase,
  { generator, discriminator }: Pick<ModelCase, "generator" | "discriminator">,
): Promise<void> {
  if (model.classes === undefined || model.classes < 2) return;
  const [context, other] = [samplingContext(model), samplingContext(model, 1)];
  const images = model.generator.apply(generator, z, context);
  const drawn = await distance(model.generator.apply(generator, z, other), images);
  demand(drawn > 0, who, "classes are declared, so another class must change the generated image");
  const judge = (by: typeof context) => model.discriminator.apply(discriminator, images, by);
  const judged = await distance(judge(other), judge(context));
  demand(judged > 0, who, "classes are declared, so another class must change the logit of an image");
}

/**
 * Checks that training moves every parameter and leaks no tensor. Dead parameters throw in a training step; two steps are needed because a
 * gate that starts at 0 hides other parameters from the first. Classes that start equal differ after them.
 */
export async function checkTraining(given: ModelCase, of: TrainingCase): Promise<void> {
  const { who } = given;
  const { state, step } = twoSteps(given, of);
  const tidied = () => {
    tf.tidy(() => {
      step(state);
    });
  };
  await expectNoLeaks(tidied, `${who}: a training step`);
  const twice = () => step(step(state).state) as unknown as tf.TensorContainer;
  const next = tf.tidy(twice) as unknown as ReturnType<typeof step>;
  for (const network of ["generator", "discriminator"] as const) {
    const before = leaves(state[network]);
    for (const [index, { path, value }] of leaves(next.state[network]).entries()) {
      const change = await distance(value, (before[index] as { value: tf.Tensor }).value);
      demand(change > 0, who, `two training steps must change ${network}.${path}, but its gradient is zero`);
    }
  }
  await checkClasses(given, next.state);
}

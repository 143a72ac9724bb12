import type { AdversarialModel, TrainingConfig } from "@ganymede/core";
import { fold, key, leaves, normal } from "@ganymede/core";
import { demand, expectNoLeaks } from "@ganymede/core/testing";
import * as tf from "@tensorflow/tfjs-core";
import { nonSaturating } from "../../losses/non-saturating.js";
import { createTrainStep } from "../../step/train-step.js";
import type { ModelCase } from "./case.js";
import { batch, labelsOf, samplingContext } from "./case.js";

const training: TrainingConfig = {
  batch,
  learningRate: { generator: 0.001, discriminator: 0.001 },
  warmupSteps: 0,
  betas: [0, 0.99],
  loss: "non-saturating",
  penalties: [],
  consistency: null,
  augmentation: null,
  average: { halfLifeImages: 1000, rampUp: 0.05, startImages: 0 },
  mirror: false,
};

/** Two steps of training, as what they leave. */
function twoSteps(model: AdversarialModel) {
  const config: TrainingConfig = {
    ...training,
    pixels: model.pixels === undefined ? null : { cutMix: null },
    superResolution: model.superResolution === undefined ? null : 1,
  };
  const train = createTrainStep(model, config, { loss: nonSaturating, penalties: [], augmentation: null });
  const state = train.init(key(4));
  const images = normal<tf.Rank.R4>(key(5), [batch, ...model.imageShape]);
  const real = model.classes === undefined ? images : { images, labels: labelsOf(model.classes) };
  const step = (from: typeof state) => train.step(from, real, fold(key(6), 0), train.phase(0));
  return { state, step };
}

const distance = async (a: tf.Tensor, b: tf.Tensor) => (await tf.max(tf.abs(tf.sub(a, b))).data())[0] as number;

/** Another class must give another image, and another logit. */
async function checkClasses(
  { model, who, z }: ModelCase,
  { generator, discriminator }: Pick<ModelCase, "generator" | "discriminator">,
): Promise<void> {
  if (model.classes === undefined || model.classes < 2) return;
  const [context, other] = [samplingContext(model), samplingContext(model, 1)];
  const images = model.generator.apply(generator, z, context);
  const drawn = await distance(model.generator.apply(generator, z, other), images);
  demand(drawn > 0, who, "classes are declared, so another class must change what the generator draws");
  const judge = (by: typeof context) => model.discriminator.apply(discriminator, images, by);
  const judged = await distance(judge(other), judge(context));
  demand(judged > 0, who, "classes are declared, so another class must change the logit of an image");
}

/**
 * Dead parameters throw in a training step; two must move every parameter (a gate that starts at 0 hides others from the first), and
 * nothing may be left behind. Classes that start alike differ then.
 */
export async function checkTraining(given: ModelCase): Promise<void> {
  const { model, who } = given;
  const { state, step } = twoSteps(model);
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
      demand(change > 0, who, `two training steps must move ${network}.${path}, but its gradient is zero`);
    }
  }
  await checkClasses(given, next.state);
}

import * as tf from "@tensorflow/tfjs-core";
import type { Context } from "../contracts/layer.js";
import type { AdversarialModel, ModelFamily } from "../contracts/model-family.js";
import { GanymedeError } from "../errors/ganymede-error.js";
import { integers, normal } from "../random/draw.js";
import { fold, key } from "../random/key.js";
import { nonSaturating } from "../train/losses/non-saturating.js";
import { createTrainStep } from "../train/step/train-step.js";
import type { TrainingConfig } from "../train/training-config.js";
import { leaves } from "../tree/tree.js";
import { expectAllClose } from "./expect-all-close.js";
import { expectNoLeaks } from "./expect-no-leaks.js";
import { demand, fail } from "./fail.js";

export interface ModelFamilyCheck<Config> {
  /** A small config: everything is run on it, on whatever engine is current. */
  readonly config: Config;
}

const training: TrainingConfig = {
  batch: 4,
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

function checkPresets<Config>(family: ModelFamily<Config>, who: string): void {
  const ids = family.presets.map((preset) => preset.id);
  demand(ids.length > 0, who, "there must be a preset");
  demand(new Set(ids).size === ids.length, who, `preset ids must differ, got ${ids.join(", ")}`);
  for (const preset of family.presets) family.configure(preset.model, {});
  try {
    family.configure((family.presets[0] as { model: Config }).model, { "no-such-setting": 1 });
  } catch (error) {
    if (GanymedeError.is(error) && error.code === "invalid-config") return;
    throw error;
  }
  fail(who, "configure must refuse an unknown setting with the code invalid-config");
}

const labelsFor = (classes: number): tf.Tensor1D => integers(key(7), [training.batch], 0, classes);

async function checkShapes(model: AdversarialModel, who: string): Promise<void> {
  const z = normal<tf.Rank.R2>(key(1), [training.batch, model.latentSize]);
  const context: Context = {
    mode: "inference",
    ...(model.classes !== undefined && { labels: labelsFor(model.classes) }),
  };
  const generate = () => model.generator.apply(model.generator.init(key(2)), z, context);
  const images = generate();
  const expected = [training.batch, ...model.imageShape];
  demand(String(images.shape) === String(expected), who, `images must be [${expected}], got [${images.shape}]`);
  await expectAllClose(generate(), images, { relative: 0, absolute: 0 }, `${who}: generator from one key`);
  const logits = model.discriminator.apply(model.discriminator.init(key(3)), images, context);
  demand(
    String(logits.shape) === String(training.batch),
    who,
    `logits must be [${training.batch}], got [${logits.shape}]`,
  );
  const values = [...(await images.data()), ...(await logits.data())];
  demand(values.every(Number.isFinite), who, "images and logits must be finite");
}

/**
 * Dead parameters throw in a training step; two must move every parameter (a gate that starts at 0 hides others from the first), and
 * nothing may be left behind.
 */
async function checkTraining(model: AdversarialModel, who: string): Promise<void> {
  const config: TrainingConfig = {
    ...training,
    pixels: model.pixels === undefined ? null : { cutMix: null },
    superResolution: model.superResolution === undefined ? null : 1,
  };
  const train = createTrainStep(model, config, { loss: nonSaturating, penalties: [], augmentation: null });
  const state = train.init(key(4));
  const images = normal<tf.Rank.R4>(key(5), [training.batch, ...model.imageShape]);
  const real = model.classes === undefined ? images : { images, labels: labelsFor(model.classes) };
  const step = (from: typeof state) => train.step(from, real, fold(key(6), 0), train.phase(0));
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
      const change = await tf.max(tf.abs(tf.sub(value, (before[index] as { value: tf.Tensor }).value))).data();
      demand(
        (change[0] as number) > 0,
        who,
        `two training steps must move ${network}.${path}, but its gradient is zero`,
      );
    }
  }
}

/**
 * What every model family must do: presets that its own `configure` accepts, refused unknown settings, images and logits of the
 * promised shapes from one key alone, and a training step that reaches every parameter and leaves nothing behind.
 *
 * @throws GanymedeError `nonconforming` naming the family and the first rule that it breaks.
 */
export async function checkModelFamily<Config>(
  family: ModelFamily<Config>,
  { config }: ModelFamilyCheck<Config>,
): Promise<void> {
  const who = `model family "${family.id}"`;
  checkPresets(family, who);
  const model = family.create(config);
  await checkShapes(model, who);
  await checkTraining(model, who);
}

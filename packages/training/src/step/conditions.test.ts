import * as tf from "@tensorflow/tfjs-core";
import "@tensorflow/tfjs-backend-cpu";
import type { TrainingConfig } from "@ganymede/core";
import { fold, key, leaves } from "@ganymede/core";
import { beforeAll, describe, expect, test } from "vitest";
import { adaptiveAugment } from "../augment/ada/ada.js";
import { fullGame, ordinary, piecesOf, realImages, values } from "../fixtures/full-game.js";
import { linearGameTraining } from "../fixtures/linear-game.js";
import { createIteration } from "./iteration.js";
import type { TrainState } from "./train-state.js";
import { createTrainStep } from "./train-step.js";

beforeAll(() => tf.setBackend("cpu"));

const base = linearGameTraining;
const chances = Object.fromEntries(
  Object.keys(adaptiveAugment.defaults.chances).map((step) => [step, step === "brightness" ? 1 : 0]),
);

test("running statistics have no gradient and no moments, move with the pass that is remembered, and are copied by the average", () => {
  const train = createTrainStep(fullGame, base);
  const state = train.init(key(2));
  expect(
    leaves((state.generatorOptimizer as { second: TrainState["generatorOptimizer"] }).second).map(({ path }) => path),
  ).toEqual(["weight", "bias", "shift"]);
  const { state: next } = train.step(state, realImages(4), key(3), "/");
  const mean = Array.from(next.generator.statistics.mean.dataSync());
  expect(mean.some((value) => value !== 0)).toBe(true);
  expect(Array.from(next.average.statistics.mean.dataSync())).toEqual(mean);
  expect(Array.from(next.average.weight.dataSync())).not.toEqual(Array.from(next.generator.weight.dataSync()));
});

test("a model with classes refuses images without", () => {
  const train = createTrainStep(fullGame, base);
  expect(() => train.step(train.init(key(2)), realImages(4).images, key(3), "/")).toThrow(
    /needs the class of every real image/,
  );
});

describe("an iteration of several graphs equals the pure step", () => {
  test.each<[string, Partial<TrainingConfig>]>([
    ["plain", {}],
    ["several updates of the discriminator", { discriminatorSteps: 3 }],
    ["accumulated gradients", { accumulation: 2, generatorBatch: 6 }],
    ["three parts", { accumulation: 3 }],
    ["all at once", { ...ordinary, discriminatorSteps: 2, accumulation: 2 }],
    ["classes of the real images", { fakeLabels: "real", accumulation: 2 }],
    [
      "a real batch of the generator's own",
      { ...ordinary, generatorReal: "own", discriminatorSteps: 2, accumulation: 2 },
    ],
    [
      "weights, points and logits of other kinds",
      {
        accumulation: 2,
        discriminatorTerms: [
          "dragan",
          { id: "orthogonal", every: 2 },
          { id: "pseudo-augmentation", images: 8, every: 1 },
        ],
        generatorTerms: ["orthogonal", { id: "top-k", share: 0.5 }],
      },
    ],
    ["a controller", { augmentation: { id: "ada", images: 100, every: 1, chances }, accumulation: 2 }],
  ])("%s", async (_, extra) => {
    const train = createTrainStep(fullGame, { ...base, ...extra });
    const state = train.init(key(2));
    const { data, pieces } = piecesOf(train);
    const iterate = createIteration(train as never);
    const before = tf.memory().numTensors;
    const { state: next, report } = await iterate(state, (index) => pieces[index]!, key(3), 0);
    const fresh = new Set([...leaves(next), ...leaves(report)].map(({ value }) => value));
    for (const { value } of leaves(state)) fresh.delete(value);
    expect(tf.memory().numTensors - before).toBe(fresh.size);
    const whole = tf.tidy(() => train.step(state, data, key(3), train.phase(0)) as never) as ReturnType<
      typeof train.step
    >;
    expect(values(next)).toEqual(values(whole.state as TrainState));
    expect(Object.keys(report).sort()).toEqual(Object.keys(whole.report).sort());
  });
});

test("gradients of two parts of one batch are the gradient of the batch", () => {
  // Without noise of latents or augmentation the only draws are those of z, which a generator of constant images does not read.
  const constantImages = {
    ...fullGame.generator,
    apply: (params: never, z: tf.Tensor2D, context: never) =>
      fullGame.generator.apply(params, tf.zerosLike(z), {
        mode: "training",
        key: key(1),
        ...(context as object),
      } as never),
  };
  const still = { ...fullGame, classes: 5, generator: constantImages };
  const config: TrainingConfig = { ...base, fakeLabels: "real", discriminatorTerms: [{ id: "r1", gamma: 1 }] };
  const [two, one] = [
    createTrainStep(still as never, { ...config, accumulation: 2 }),
    createTrainStep(still as never, { ...config, batch: 2 * base.batch }),
  ];
  const state = two.init(key(2)) as TrainState;
  const run = (train: typeof two) =>
    train.updates.discriminator.update(state, realImages(2 * base.batch), key(3), "").state.discriminator as never;
  const [a, b] = [leaves(run(two)), leaves(run(one))];
  a.forEach(({ value }, index) => {
    expect(tf.max(tf.abs(tf.sub(value, b[index]!.value))).dataSync()[0]).toBeLessThan(1e-5);
  });
});

test("the controller follows the signs of the logits at real images, and strength is part of the state", () => {
  const augmentation = { id: "ada", target: 0, images: 16, every: 1, chances };
  const train = createTrainStep(fullGame, { ...base, augmentation });
  let state = train.init(key(2)) as TrainState;
  const strengths: number[] = [];
  for (let i = 0; i < 3; i++) {
    const { state: next, report } = train.step(state as never, realImages(4), fold(key(3), i), "/");
    const before = strengths.at(-1) ?? 0;
    const sign = Math.sign(report["signs/real"]!.dataSync()[0]!);
    strengths.push((next.augmentation as { strength: tf.Scalar }).strength.dataSync()[0]!);
    expect(strengths.at(-1)).toBeCloseTo(Math.min(1, Math.max(0, before + (sign * 4) / 16)), 6);
    state = next as TrainState;
  }
  expect(leaves(state).map(({ path }) => path)).toContain("augmentation.strength");
});

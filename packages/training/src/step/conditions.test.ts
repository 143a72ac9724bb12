import * as tf from "@tensorflow/tfjs-core";
import "@tensorflow/tfjs-backend-cpu";
import type { GeneratorPenaltyConfig, TrainingConfig } from "@ganymede/core";
import { defineLayer, fold, key, leaves, normal } from "@ganymede/core";
import { linear } from "@ganymede/core/nn";
import { beforeAll, describe, expect, test } from "vitest";
import { adaptiveAugment } from "../augment/ada/ada.js";
import { linearGameTraining } from "../fixtures/linear-game.js";
import { nonSaturating } from "../losses/non-saturating.js";
import { relativistic } from "../losses/relativistic.js";
import { createGeneratorPenalty } from "../penalties/create-penalty.js";
import { r1 } from "../penalties/r1.js";
import { r2 } from "../penalties/r2.js";
import { createIteration } from "./iterate.js";
import { meanOf } from "./mean-of-parts.js";
import type { StepChoices } from "./step-parts.js";
import type { TrainState } from "./train-state.js";
import { createTrainStep } from "./train-step.js";

beforeAll(() => tf.setBackend("cpu"));

const toImage = linear({ inputs: 2, outputs: 12 });
const toLogit = linear({ inputs: 12, outputs: 1 });
const flat = (images: tf.Tensor4D) => tf.reshape(images, [-1, 12]) as tf.Tensor2D;

/** A linear game on 2x2 images with everything that a model may bring: classes, a running mean, styles, pixels, small images. */
const model = {
  latentSize: 2,
  imageShape: [2, 2, 3] as const,
  classes: 5,
  generator: defineLayer({
    init: (k) => ({ ...toImage.init(k), shift: tf.zeros([5, 12]), statistics: { mean: tf.zeros([12]) } }),
    apply(params, z: tf.Tensor2D, context) {
      const images = tf.add(toImage.apply(params, z), tf.gather(params.shift, context?.labels as tf.Tensor1D));
      if (context?.mode === "training") {
        const mean = tf.mean(images, 0);
        context.update?.(params.statistics.mean, mean, mean);
      }
      const centred = context?.mode === "training" ? images : tf.sub(images, params.statistics.mean);
      return tf.reshape(centred, [-1, 2, 2, 3]) as tf.Tensor4D;
    },
  }),
  discriminator: defineLayer({
    init: (k) => ({ ...toLogit.init(k), classes: tf.zeros([5, 1]) }),
    apply: (params, images: tf.Tensor4D, context) =>
      tf.reshape(
        tf.add(toLogit.apply(params, flat(images)), tf.gather(params.classes, context?.labels as tf.Tensor1D)),
        [-1],
      ) as tf.Tensor1D,
  }),
};

const base = linearGameTraining;
const choices: StepChoices = { loss: nonSaturating, penalties: [], augmentation: null };

const real = (count: number) => ({
  images: normal<tf.Rank.R4>(key(1), [count, 2, 2, 3]),
  labels: tf.tensor1d(
    Array.from({ length: count }, (_, i) => i % 5),
    "int32",
  ),
});

const values = (state: TrainState) => leaves(state).map(({ path, value }) => [path, ...value.dataSync()]);

test("running statistics have no gradient and no moments, move with the pass that is remembered, and are copied by the average", () => {
  const train = createTrainStep(model, base, choices);
  const state = train.init(key(2));
  expect(leaves(state.generatorOptimizer.second).map(({ path }) => path)).toEqual(["weight", "bias", "shift"]);
  const { state: next } = train.step(state, real(4), key(3), "");
  const mean = Array.from(next.generator.statistics.mean.dataSync());
  expect(mean.some((value) => value !== 0)).toBe(true);
  expect(Array.from(next.average.statistics.mean.dataSync())).toEqual(mean);
  expect(Array.from(next.average.weight.dataSync())).not.toEqual(Array.from(next.generator.weight.dataSync()));
});

test("a model with classes refuses images without", () => {
  const train = createTrainStep(model, base, choices);
  expect(() => train.step(train.init(key(2)), real(4).images, key(3), "")).toThrow(
    /needs the class of every real image/,
  );
});

describe("an iteration of several graphs equals the pure step", () => {
  test.each<[string, Partial<TrainingConfig>, Partial<StepChoices>]>([
    ["plain", {}, {}],
    ["several updates of the discriminator", { discriminatorSteps: 3 }, {}],
    ["accumulated gradients", { accumulation: 2, generatorBatch: 6 }, {}],
    [
      "both, against real images, with penalties, clipping and a schedule",
      {
        discriminatorSteps: 2,
        accumulation: 2,
        clipNorm: 0.1,
        schedule: { kind: "cosine", steps: 10 },
        drift: 0.1,
        latentConsistency: { noise: 0.1, generator: 0.5, discriminator: 5 },
      },
      { loss: relativistic, penalties: [r1({ gamma: 1 }), r2({ gamma: 1 })] },
    ],
  ])("%s", async (_, extra, chosen) => {
    const train = createTrainStep(model, { ...base, ...extra }, { ...choices, ...chosen });
    const state = train.init(key(2));
    const data = real(train.images);
    const parts = train.images / base.batch;
    const part = (index: number) => ({
      images: tf.slice(data.images, [index * base.batch, 0, 0, 0], [base.batch, -1, -1, -1]),
      labels: tf.slice1d(data.labels, index * base.batch, base.batch),
    });
    const pieces = Array.from({ length: parts }, (_, index) => part(index));
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

test("parts of a batch give the mean of their gradients and reports, and the last part's memory", () => {
  const found = [1, 2, 6].map((value) => ({
    grads: { w: tf.scalar(value) },
    report: { loss: tf.scalar(2 * value) },
    last: tf.scalar(value),
  }));
  const mean = meanOf(3, key(1), (index) => found[index]!);
  expect([mean.grads.w, mean.report.loss, mean.last].map((tensor) => tensor.dataSync()[0])).toEqual([3, 6, 6]);
});

test("the controller follows the signs of the logits at real images, and strength is part of the state", () => {
  const config = { ...base, augmentation: "ada", adaptation: { target: 0, images: 16, every: 1 } };
  const train = createTrainStep(model, config, {
    ...choices,
    augmentation: adaptiveAugment({ steps: ["brightness"] }),
  });
  let state = train.init(key(2)) as TrainState;
  const strengths: number[] = [];
  for (let i = 0; i < 3; i++) {
    const { state: next, report } = train.step(state as never, real(4), fold(key(3), i), "");
    const before = strengths.at(-1) ?? 0;
    const sign = Math.sign(report["signs/real"]!.dataSync()[0]!);
    strengths.push((next.adaptation as { strength: tf.Scalar }).strength.dataSync()[0]!);
    expect(strengths.at(-1)).toBeCloseTo(Math.min(1, Math.max(0, before + (sign * 4) / 16)), 6);
    state = next as TrainState;
  }
  expect(leaves(state).map(({ path }) => path)).toContain("adaptation.strength");
});

test("what a model cannot follow is refused in a sentence", () => {
  const attempt = (extra: Partial<TrainingConfig>, chosen: Partial<StepChoices> = {}) =>
    createTrainStep(model, { ...base, ...extra }, { ...choices, ...chosen });
  const path: GeneratorPenaltyConfig = { kind: "path-length", weight: 2, every: 4, decay: 0.01, batchShrink: 2 };
  expect(() => attempt({ superResolution: 50 })).toThrow(
    /superResolution needs a generator that can start from small images/,
  );
  expect(() => attempt({ pixels: { cutMix: null } })).toThrow(/pixels needs a discriminator with logits per pixel/);
  expect(() => attempt({}, { generatorPenalties: [createGeneratorPenalty(path)] })).toThrow(
    /needs a generator with styles per layer/,
  );
  expect(() => attempt({ adaptation: { target: 0.6, images: 1000, every: 4 } })).toThrow(/"none" is not/);
  expect(() => attempt({ generatorBatch: 8 }, { loss: relativistic })).toThrow(/must equal batch, got 8 and 4/);
});

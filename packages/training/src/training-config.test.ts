import type { TrainingConfig } from "@ganymede/core";
import { describe, expect, test } from "vitest";
import { linearGame } from "./fixtures/linear-game.js";
import { createTrainStep } from "./step/train-step.js";
import { checkTraining, imagesPerStep, overrideTraining } from "./training-config.js";

const right: TrainingConfig = {
  batch: 8,
  optimizer: { generator: { id: "adam", learningRate: 0.001 }, discriminator: "adam" },
  loss: "non-saturating",
  discriminatorTerms: [{ id: "r1", gamma: 1, every: 16 }, "drift"],
  ema: { halfLifeImages: 1000, rampUp: 0.05, startImages: 0 },
  mirror: true,
};

const attempt = (changes: object) => () => createTrainStep(linearGame, { ...right, ...changes });

test("gives back what makes sense", () => {
  expect(checkTraining(right)).toBe(right);
  expect(attempt({})).not.toThrow();
});

test.each<[object, RegExp]>([
  [{ batch: 0 }, /^training: batch must be a whole number from 1 up, got 0$/],
  [{ batch: 2.5 }, /batch must be a whole number/],
  [{ optimizer: { generator: 1, discriminator: "adam" } }, /optimizer.generator must be the name of a component/],
  [{ discriminatorTerms: [{ gamma: 1 }] }, /discriminatorTerms\[0\] must be the name of a component/],
  [{ fakeLabels: "none" }, /fakeLabels must be one of uniform, real, got "none"/],
  [{ ema: { halfLifeImages: -1, rampUp: 0, startImages: 0 } }, /ema.halfLifeImages must be a number from 0 up/],
])("refuses %j in one sentence", (change, message) => {
  expect(() => checkTraining({ ...right, ...change } as TrainingConfig)).toThrow(message);
});

test.each<[object, RegExp]>([
  [{ loss: "hing" }, /^training.loss: there is no loss "hing"; did you mean "hinge"\?$/],
  [{ discriminatorTerms: ["r3"] }, /training.discriminatorTerms\[0\]: there is no term "r3"; did you mean/],
  [{ discriminatorTerms: [{ id: "r1", gama: 1 }] }, /terms\[0\]: r1 has no setting "gama"; did you mean "gamma"/i],
  [{ discriminatorTerms: [{ id: "r1", gamma: -1 }] }, /r1: gamma must be a number from 0 up, got -1/],
  [{ discriminatorTerms: [{ id: "r1", every: 0 }] }, /r1: every must be a whole number from 1 up, got 0/],
  [
    { discriminatorTerms: [{ id: "r1", gamma: { id: "linear", from: 1, to: -1, steps: 10 } }] },
    /r1: gamma must be a number from 0 up, got -1/,
  ],
  [
    { discriminatorTerms: [{ id: "r1", gamma: { id: "linear", from: 1, to: 0 } }] },
    /a schedule must have a length in steps or in images, got neither/,
  ],
  [{ discriminatorTerms: ["drift", "drift"] }, /must name each term once, got "drift" twice/],
  [
    { discriminatorTerms: ["pixel-logits"] },
    /^training: the term "pixel-logits" of discriminatorTerms needs a model with the capability "pixelLogits", but this one has no capabilities; remove/,
  ],
  [{ generatorTerms: ["path-length"] }, /"path-length" of generatorTerms needs .* "styles"/],
  [{ loss: "relativistic", generatorBatch: 4 }, /generatorBatch must equal batch, got 4 and 8; set it to null/],
  [{ optimizer: { generator: "sgd", discriminator: "adam" } }, /training.optimizer.generator: there is no optimizer/],
  [
    { optimizer: { generator: { id: "adam", beta2: 1 }, discriminator: "adam" } },
    /adam: beta2 must be a number from 0 to below 1, got 1/,
  ],
  [{ augmentation: { id: "ada", chances: { hue: 2 } } }, /ada: chances.hue must be a number from 0 to 1, got 2/],
])("the parts of %j are refused in one sentence", (change, message) => {
  expect(attempt(change)).toThrow(message);
});

describe("overrides", () => {
  test("reach terms by id and by position, and parts by their settings", () => {
    const changed = overrideTraining(right, {
      discriminatorTerms: { r1: { gamma: 5 }, 1: { weight: 0.1 } },
      optimizer: { discriminator: { learningRate: { id: "cosine", from: 1, to: 0, steps: 9 } } },
      loss: "hinge",
      augmentation: { id: "diffaugment" },
    });
    expect(changed.discriminatorTerms).toEqual([
      { id: "r1", gamma: 5, every: 16 },
      { id: "drift", weight: 0.1 },
    ]);
    expect(changed.optimizer.discriminator).toEqual({
      id: "adam",
      learningRate: { id: "cosine", from: 1, to: 0, steps: 9 },
    });
    expect([changed.loss, changed.augmentation]).toEqual([{ id: "hinge" }, { id: "diffaugment" }]);
    expect(overrideTraining(right, { discriminatorTerms: { r1: null } }).discriminatorTerms).toEqual([{ id: "drift" }]);
    expect(() => overrideTraining(right, { rate: 1 })).toThrow(/there is no setting "rate"/);
  });
});

test("a batch of its own for the generator counts among the images of a step", () => {
  const sizes = { discriminatorSteps: 2, accumulation: 3 };
  expect(imagesPerStep({ ...right, ...sizes })).toBe(48);
  expect(imagesPerStep({ ...right, ...sizes, generatorReal: "own" })).toBe(72);
});

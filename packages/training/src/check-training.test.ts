import type { TrainingConfig } from "@ganymede/core";
import { expect, test } from "vitest";
import { checkTraining } from "./check-training.js";

const right: TrainingConfig = {
  batch: 8,
  learningRate: { generator: 0.001, discriminator: 0.001 },
  warmupSteps: 0,
  betas: [0, 0.99],
  loss: "non-saturating",
  penalties: [{ kind: "r1", gamma: 1, every: 16 }],
  consistency: { real: 10, fake: 10 },
  augmentation: null,
  average: { halfLifeImages: 1000, rampUp: 0.05, startImages: 0 },
  mirror: true,
};

test("gives back what makes sense", () => {
  expect(checkTraining(right)).toBe(right);
  expect(() => checkTraining({ ...right, consistency: null, penalties: [] })).not.toThrow();
});

test.each([
  [{ batch: 0 }, /batch must be a whole number from 1 up, got 0/],
  [{ batch: 2.5 }, /batch must be a whole number/],
  [{ learningRate: { generator: -1, discriminator: 1 } }, /learningRate.generator must be a number from 0 up, got -1/],
  [{ betas: [0, 1] }, /betas\[1\] must be a number from 0 to below 1, got 1/],
  [{ betas: [0.5] }, /betas must be a list of 2 entries, got 1/],
  [{ penalties: [{ kind: "r1", every: 1 }] }, /penalties\[0\].gamma is missing; it must be a number from 0 up/],
  [{ penalties: [{ kind: "r1", gamma: 1, every: 0 }] }, /penalties\[0\].every must be a whole number from 1 up, got 0/],
  [{ consistency: { real: Number.NaN, fake: 1 } }, /consistency.real must be a number from 0 up, got NaN/],
  [
    { average: { halfLifeImages: 0, rampUp: 0, startImages: 0 } },
    /average.halfLifeImages must be a whole number from 1/,
  ],
])("refuses %j in one sentence", (change, message) => {
  expect(() => checkTraining({ ...right, ...change } as TrainingConfig)).toThrow(message);
});

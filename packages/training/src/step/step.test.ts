import * as tf from "@tensorflow/tfjs-core";
import "@tensorflow/tfjs-backend-cpu";
import type { TrainingConfig } from "@ganymede/core";
import { fold, key, leaves, normal } from "@ganymede/core";
import { beforeAll, describe, expect, test } from "vitest";
import { linearGame, linearGameTraining } from "../fixtures/linear-game.js";
import { nonSaturating } from "../losses/non-saturating.js";
import { createPenalty } from "../penalties/create-penalty.js";
import { gradientPenalty } from "../penalties/gradient-penalty.js";
import { r1 } from "../penalties/r1.js";
import { advance } from "./advance.js";
import { penaltiesIn, penaltyPhase } from "./penalty-schedule.js";
import { createTrainStep } from "./train-step.js";

beforeAll(() => tf.setBackend("cpu"));

const model = linearGame;
const training: TrainingConfig = {
  ...linearGameTraining,
  batch: 6,
  average: { halfLifeImages: 100, rampUp: 0.05, startImages: 0 },
  mirror: true,
};

const real = () => normal<tf.Rank.R4>(key(1), [6, 2, 2, 3]);

describe("penalty phases", () => {
  const penalties = [r1({ gamma: 1, every: 4 }), gradientPenalty({ weight: 10, every: 6 })];

  test("name what is due, and give it back", () => {
    expect([0, 1, 4, 6, 12].map((step) => penaltyPhase(penalties, step))).toEqual([
      "r1+gradient-penalty",
      "",
      "r1",
      "gradient-penalty",
      "r1+gradient-penalty",
    ]);
    expect(penaltiesIn(penalties, "r1").map(({ id }) => id)).toEqual(["r1"]);
    expect(penaltiesIn(penalties, "")).toEqual([]);
  });

  test("an unknown kind is refused by name", () => {
    expect(() => createPenalty({ kind: "r3" } as never)).toThrow(
      /no penalty is called "r3"; known: r1, r2, gradient-penalty/,
    );
  });
});

test("r1 of a linear discriminator is gamma / 2 times the squared norm of its weights, times its interval", () => {
  const choices = { loss: nonSaturating, penalties: [r1({ gamma: 3, every: 4 })], augmentation: null };
  const train = createTrainStep(model, training, choices);
  const state = train.init(key(2));
  const { report } = train.step(state, real(), key(3), "r1");
  const squares = tf.sum(tf.square(state.discriminator.weight)).dataSync()[0]!;
  expect(report["loss/r1"]!.dataSync()[0]).toBeCloseTo(4 * 1.5 * squares, 4);
  expect(train.step(state, real(), key(3), "").report["loss/r1"]).toBeUndefined();
});

test("the gradient penalty of a linear discriminator is weight times (norm - target)^2", () => {
  const choices = { loss: nonSaturating, penalties: [gradientPenalty({ weight: 10, target: 2 })], augmentation: null };
  const train = createTrainStep(model, training, choices);
  const state = train.init(key(2));
  const norm = Math.sqrt(tf.sum(tf.square(state.discriminator.weight)).dataSync()[0]!);
  const { report } = train.step(state, real(), key(3), train.phase(0));
  expect(report["loss/gradient-penalty"]!.dataSync()[0]).toBeCloseTo(10 * (norm - 2) ** 2, 3);
});

test("the two phases make the whole step, and the generator plays against the discriminator just updated", () => {
  const train = createTrainStep(model, training, { loss: nonSaturating, penalties: [], augmentation: null });
  const state = train.init(key(2));
  const whole = train.step(state, real(), key(3), "");
  const d = train.discriminatorPhase(state, real(), key(3), "");
  const g = train.generatorPhase({ ...state, ...d.state }, key(3), "");
  const parts = { ...state, ...d.state, ...g.state };
  expect(leaves(parts).map(({ value }) => Array.from(value.dataSync()))).toEqual(
    leaves(whole.state).map(({ value }) => Array.from(value.dataSync())),
  );
  expect(leaves(whole.state).map(({ path }) => path)).toEqual(leaves(state).map(({ path }) => path));
  expect(whole.state.step.dataSync()[0]).toBe(1);
});

test("the average equals the generator after the first step, and lags behind it later", () => {
  const train = createTrainStep(model, training, { loss: nonSaturating, penalties: [], augmentation: null });
  let { state } = train.step(train.init(key(2)), real(), key(3), "");
  expect(Array.from(state.average.weight.dataSync())).toEqual(Array.from(state.generator.weight.dataSync()));
  for (let i = 1; i < 40; i++) ({ state } = train.step(state, real(), fold(key(3), i), ""));
  expect(Array.from(state.average.weight.dataSync())).not.toEqual(Array.from(state.generator.weight.dataSync()));
});

describe("advance", () => {
  test("frees the old state and keeps leaves that both share", async () => {
    const shared = tf.scalar(1);
    const state = { shared, old: tf.scalar(2) };
    const next = await advance(state, async (s) => ({ state: { ...s, old: tf.scalar(3) }, report: {} }));
    expect([state.old.isDisposed, shared.isDisposed, next.state.old.isDisposed]).toEqual([true, false, false]);
  });

  test("a step that fails leaves the state whole", async () => {
    const state = { old: tf.scalar(2) };
    const broken = advance(state, async () => {
      throw new Error("no memory");
    });
    await expect(broken).rejects.toThrow("no memory");
    expect(state.old.isDisposed).toBe(false);
  });
});

import * as tf from "@tensorflow/tfjs-core";
import "@tensorflow/tfjs-backend-cpu";
import type { DiscriminatorTerm, Ref, TermInputs, TrainingConfig } from "@ganymede/core";
import { createRegistry, defineComponent, definePlugin, fold, key, leaves, normal } from "@ganymede/core";
import { beforeAll, describe, expect, test } from "vitest";
import { linearGame, linearGameTraining } from "../fixtures/linear-game.js";
import { trainingPlugin } from "../plugin.js";
import { termsIn } from "./pass.js";
import type { TrainState } from "./train-state.js";
import { advance, createTrainStep } from "./train-step.js";

beforeAll(() => tf.setBackend("cpu"));

const model = linearGame;
const training: TrainingConfig = {
  ...linearGameTraining,
  batch: 6,
  ema: { halfLifeImages: 100, rampUp: 0.05, startImages: 0 },
  mirror: true,
};
const trainWith = (...discriminatorTerms: Ref[]) => createTrainStep(model, { ...training, discriminatorTerms });

const real = () => normal<tf.Rank.R4>(key(1), [6, 2, 2, 3]);

test("a phase names the lazy terms that are due, network by network", () => {
  const terms = [{ id: "r1", every: 4 }, { id: "gradient-penalty", every: 6 }, "drift"];
  const generatorTerms = [{ id: "latent-consistency", every: 4 }];
  const train = createTrainStep(model, { ...training, discriminatorTerms: terms, generatorTerms });
  expect([0, 1, 4, 6, 12].map(train.phase)).toEqual([
    "r1+gradient-penalty/latent-consistency",
    "/",
    "r1/latent-consistency",
    "gradient-penalty/",
    "r1+gradient-penalty/latent-consistency",
  ]);
  const names = (phase: string) => termsIn(train.parts.discriminatorTerms, phase).map(({ id }) => id);
  expect([names("r1"), names("")]).toEqual([["r1", "drift"], ["drift"]]);
});

test("r1 of a linear discriminator is gamma / 2 times the squared norm of its weights, times its interval", () => {
  const train = trainWith({ id: "r1", gamma: 3, every: 4 });
  const state = train.init(key(2));
  const { report } = train.step(state, real(), key(3), "r1/");
  const squares = tf.sum(tf.square(state.discriminator.weight)).dataSync()[0]!;
  expect(report["loss/r1"]!.dataSync()[0]).toBeCloseTo(4 * 1.5 * squares, 4);
  expect(train.step(state, real(), key(3), "/").report["loss/r1"]).toBeUndefined();
});

test("r1 at the augmented images leaves out what the augmentation does to the gradient", () => {
  const at = (where: string) => {
    const terms = [{ id: "r1", gamma: 2, at: where }];
    const augmentation = { id: "diffaugment", policy: ["color"] };
    const train = createTrainStep(model, { ...training, discriminatorTerms: terms, augmentation });
    const state = train.init(key(2));
    const { report } = train.step(state, real(), key(3), "/");
    const squares = tf.sum(tf.square(state.discriminator.weight)).dataSync()[0]!;
    return [report["loss/r1"]!.dataSync()[0]!, squares, report["logits/real"]!.dataSync()[0]!] as const;
  };
  const [augmented, squares, logit] = at("augmented");
  expect(augmented).toBeCloseTo(squares, 5);
  const [images, , same] = at("images");
  expect(Math.abs(images - squares)).toBeGreaterThan(0.01 * squares);
  expect(same).toBeCloseTo(logit, 6);
});

test("the gradient penalty of a linear discriminator is weight times (norm - target)^2", () => {
  const train = trainWith({ id: "gradient-penalty", weight: 10, target: 2 });
  const state = train.init(key(2));
  const norm = Math.sqrt(tf.sum(tf.square(state.discriminator.weight)).dataSync()[0]!);
  const { report } = train.step(state, real(), key(3), train.phase(0));
  expect(report["loss/gradient-penalty"]!.dataSync()[0]).toBeCloseTo(10 * (norm - 2) ** 2, 3);
});

test("the updates make the whole step, and the generator plays against the discriminator just updated", () => {
  const train = trainWith();
  const state = train.init(key(2)) as unknown as TrainState;
  const whole = train.step(state as never, real(), key(3), "/");
  const d = train.updates.discriminator.update(state, { images: real() }, key(3), "");
  const g = train.updates.generator.update({ ...state, ...d.state }, null, key(3), "");
  const parts = { ...state, ...d.state, ...g.state };
  expect(leaves(parts).map(({ value }) => Array.from(value.dataSync()))).toEqual(
    leaves(whole.state).map(({ value }) => Array.from(value.dataSync())),
  );
  expect(leaves(whole.state).map(({ path }) => path)).toEqual(leaves(state).map(({ path }) => path));
  expect(whole.state.step.dataSync()[0]).toBe(1);
});

test("a gradient that a term does not announce is refused by name", () => {
  const greedy = defineComponent({
    id: "greedy",
    source: "none",
    defaults: {},
    create: (_settings, _: TermInputs): DiscriminatorTerm => ({
      every: 1,
      needs: [],
      apply: ({ gradient }) => ({ value: tf.mean(gradient("real")) }),
    }),
  });
  const mine = definePlugin({ apiVersion: 1, name: "mine", discriminatorTerms: [greedy] });
  const config = { ...training, discriminatorTerms: ["greedy"] };
  const train = createTrainStep(model, config, createRegistry([trainingPlugin(), mine]));
  expect(() => train.step(train.init(key(2)), real(), key(3), "/")).toThrow(
    /the term "greedy" reads "real" without declaring it; add it to the term's gradients/,
  );
});

test("the average equals the generator after the first step, and lags behind it later", () => {
  const train = trainWith();
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

import * as tf from "@tensorflow/tfjs-core";
import "@tensorflow/tfjs-backend-cpu";
import type { TrainingConfig } from "@ganymede/core";
import { defineLayer, disposeTree, fold, key, leaves, mapLeaves, normal } from "@ganymede/core";
import { linear } from "@ganymede/core/nn";
import { beforeAll, describe, expect, test } from "vitest";
import { adaptiveAugment } from "../augment/ada/ada.js";
import { linearGameTraining } from "../fixtures/linear-game.js";
import type { PartBlock } from "./iteration.js";
import { createIteration } from "./iteration.js";
import { meanOfParts, sumBlocks } from "./sum-parts.js";
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
const chances = Object.fromEntries(
  Object.keys(adaptiveAugment.defaults.chances).map((step) => [step, step === "brightness" ? 1 : 0]),
);

const real = (count: number) => ({
  images: normal<tf.Rank.R4>(key(1), [count, 2, 2, 3]),
  labels: tf.tensor1d(
    Array.from({ length: count }, (_, i) => i % 5),
    "int32",
  ),
});

const values = (state: TrainState) => leaves(state).map(({ path, value }) => [path, ...value.dataSync()]);

test("running statistics have no gradient and no moments, move with the pass that is remembered, and are copied by the average", () => {
  const train = createTrainStep(model, base);
  const state = train.init(key(2));
  expect(
    leaves((state.generatorOptimizer as { second: TrainState["generatorOptimizer"] }).second).map(({ path }) => path),
  ).toEqual(["weight", "bias", "shift"]);
  const { state: next } = train.step(state, real(4), key(3), "/");
  const mean = Array.from(next.generator.statistics.mean.dataSync());
  expect(mean.some((value) => value !== 0)).toBe(true);
  expect(Array.from(next.average.statistics.mean.dataSync())).toEqual(mean);
  expect(Array.from(next.average.weight.dataSync())).not.toEqual(Array.from(next.generator.weight.dataSync()));
});

test("a model with classes refuses images without", () => {
  const train = createTrainStep(model, base);
  expect(() => train.step(train.init(key(2)), real(4).images, key(3), "/")).toThrow(
    /needs the class of every real image/,
  );
});

const ordinary: Partial<TrainingConfig> = {
  clipNorm: 0.1,
  loss: "relativistic",
  discriminatorTerms: [
    { id: "r1", gamma: 1, every: 2 },
    { id: "r2", gamma: { id: "linear", from: 1, to: 0.5, steps: 10 } },
    { id: "drift", weight: 0.1 },
    { id: "latent-consistency", noise: 0.1, weight: 5 },
  ],
  generatorTerms: [{ id: "latent-consistency", noise: 0.1, weight: 0.5 }],
};

type Train = ReturnType<typeof createTrainStep<never, never>>;

/** The parts of a step's real images. */
function piecesOf(train: Pick<Train, "images">) {
  const data = real(train.images);
  const pieces = Array.from({ length: train.images / base.batch }, (_, index) => ({
    images: tf.slice(data.images, [index * base.batch, 0, 0, 0], [base.batch, -1, -1, -1]),
    labels: tf.slice1d(data.labels, index * base.batch, base.batch),
  }));
  return { data, pieces };
}

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
    const train = createTrainStep(model, { ...base, ...extra });
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

/** Processes that wait for each other's blocks. */
function togetherOf(count: number) {
  let waiting: {
    readonly blocks: readonly PartBlock[];
    readonly index: number;
    take(all: readonly PartBlock[]): void;
  }[] = [];
  const copy = ({ sum, ...rest }: PartBlock): PartBlock => ({ ...rest, sum: mapLeaves(sum, (leaf) => tf.clone(leaf)) });
  return (index: number) => ({
    index,
    count,
    gather: (blocks: readonly PartBlock[]) =>
      new Promise<readonly PartBlock[]>((take) => {
        waiting.push({ blocks, index, take });
        if (waiting.length < count) return;
        const all = [...waiting].sort((a, b) => a.index - b.index).flatMap((each) => each.blocks);
        for (const each of waiting) each.take(all.map(copy));
        for (const { sum } of all) disposeTree(sum);
        waiting = [];
      }),
  });
}

describe("processes that share the parts of an update", () => {
  test.each([
    [4, 2],
    [4, 4],
    [6, 2],
    [6, 3],
    [3, 3],
  ])("%i parts over %i processes give the bits of one process", async (accumulation, count) => {
    const train = createTrainStep(model, { ...base, ...ordinary, accumulation });
    const state = train.init(key(2));
    const { pieces } = piecesOf(train);
    const join = togetherOf(count);
    const run = (shared?: ReturnType<typeof join>) =>
      createIteration(train as never, shared)(state, (index) => pieces[index]!, key(3), 0);
    const before = tf.memory().numTensors;
    const several = await Promise.all(Array.from({ length: count }, (_, index) => run(join(index))));
    const made = several.map(({ state: next, report }) => {
      const fresh = new Set([...leaves(next), ...leaves(report)].map(({ value }) => value));
      for (const { value } of leaves(state)) fresh.delete(value);
      return fresh.size;
    });
    expect(tf.memory().numTensors - before).toBe(made.reduce((sum, size) => sum + size, 0));
    const alone = await run();
    for (const { state: next, report } of several) {
      expect(values(next)).toEqual(values(alone.state));
      expect(Object.keys(report)).toEqual(Object.keys(alone.report));
    }
  });

  test("a number of parts that cannot be shared out is refused", () => {
    const train = createTrainStep(model, { ...base, accumulation: 3 });
    expect(() => createIteration(train as never, togetherOf(2)(0))).toThrow(
      /accumulation must be a multiple of the number of processes, got 3 parts and 2 processes/,
    );
  });
});

test("parts of a batch give the mean of their gradients, reports, memories and statistics", () => {
  const found = [1, 2, 6].map((value) => ({ grads: { w: tf.scalar(value) }, report: { loss: tf.scalar(2 * value) } }));
  const mean = meanOfParts(3, (index) => found[index]!);
  expect([mean.grads.w, mean.report.loss].map((tensor) => tensor.dataSync()[0])).toEqual([3, 6]);
});

test("sums are made in the order of a tree over all parts, wherever they are cut", async () => {
  const add = (a: string, b: string) => `(${a} ${b})`;
  const blocks = Array.from({ length: 7 }, (_, first) => ({ first, count: 1, sum: String(first) }));
  const [whole] = await sumBlocks(blocks, add, true);
  expect(whole!.sum).toBe("(((0 1) (2 3)) ((4 5) 6))");
  for (let cut = 1; cut < 7; cut++) {
    const sides = [blocks.slice(0, cut), blocks.slice(cut)].map((side) => sumBlocks(side, add, false));
    const [again] = await sumBlocks((await Promise.all(sides)).flat(), add, true);
    expect(again).toEqual(whole);
  }
});

test("gradients of two parts of one batch are the gradient of the batch", () => {
  // Without noise of latents or augmentation the only draws are those of z, which a generator of constant images does not read.
  const constantImages = {
    ...model.generator,
    apply: (params: never, z: tf.Tensor2D, context: never) =>
      model.generator.apply(params, tf.zerosLike(z), {
        mode: "training",
        key: key(1),
        ...(context as object),
      } as never),
  };
  const still = { ...model, classes: 5, generator: constantImages };
  const config: TrainingConfig = { ...base, fakeLabels: "real", discriminatorTerms: [{ id: "r1", gamma: 1 }] };
  const [two, one] = [
    createTrainStep(still as never, { ...config, accumulation: 2 }),
    createTrainStep(still as never, { ...config, batch: 2 * base.batch }),
  ];
  const state = two.init(key(2)) as TrainState;
  const run = (train: typeof two) =>
    train.updates.discriminator.update(state, real(2 * base.batch), key(3), "").state.discriminator as never;
  const [a, b] = [leaves(run(two)), leaves(run(one))];
  a.forEach(({ value }, index) => {
    expect(tf.max(tf.abs(tf.sub(value, b[index]!.value))).dataSync()[0]).toBeLessThan(1e-5);
  });
});

test("the controller follows the signs of the logits at real images, and strength is part of the state", () => {
  const augmentation = { id: "ada", target: 0, images: 16, every: 1, chances };
  const train = createTrainStep(model, { ...base, augmentation });
  let state = train.init(key(2)) as TrainState;
  const strengths: number[] = [];
  for (let i = 0; i < 3; i++) {
    const { state: next, report } = train.step(state as never, real(4), fold(key(3), i), "/");
    const before = strengths.at(-1) ?? 0;
    const sign = Math.sign(report["signs/real"]!.dataSync()[0]!);
    strengths.push((next.augmentation as { strength: tf.Scalar }).strength.dataSync()[0]!);
    expect(strengths.at(-1)).toBeCloseTo(Math.min(1, Math.max(0, before + (sign * 4) / 16)), 6);
    state = next as TrainState;
  }
  expect(leaves(state).map(({ path }) => path)).toContain("augmentation.strength");
});

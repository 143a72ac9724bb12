import { compile, disposeTree, fold, key, leaves, normal } from "@ganymede/core";
import type { TrainState } from "@ganymede/training";
import { advance, createTrainStep } from "@ganymede/training";
import * as tf from "@tensorflow/tfjs-core";
import "@tensorflow/tfjs-backend-cpu";
import { beforeAll, expect, test } from "vitest";
import type { VitganConfig } from "./index.js";
import { vitganFamily } from "./index.js";
import { tinyConfig } from "./tiny-config.fixture.js";

const family = vitganFamily;

beforeAll(() => tf.setBackend("cpu"));

function trainer(config: VitganConfig) {
  const discriminatorTerms = [
    { id: "r1", gamma: 0.1, every: 2 },
    { id: "consistency", real: 10, fake: 10 },
  ];
  return createTrainStep(family.create(config), {
    ...family.presets[0]!.training,
    batch: 4,
    discriminatorTerms,
    augmentation: "diffaugment",
  });
}

async function run(config: VitganConfig, from: TrainState | null, first: number, last: number) {
  const train = trainer(config);
  const step = compile(train.step);
  let state = from ?? train.init(key(3));
  const counts: number[] = [];
  for (let i = first; i < last; i++) {
    const real = normal<tf.Rank.R4>(fold(key(9), i), [4, config.imageSize, config.imageSize, 3]);
    const result = await advance(state, (s) => step(s, real, fold(key(5), i), train.phase(i)));
    state = result.state;
    for (const { path, value } of leaves(result.report)) {
      expect(Number.isFinite(value.dataSync()[0]), path).toBe(true);
    }
    disposeTree(result.report);
    real.dispose();
    counts.push(tf.memory().numTensors);
  }
  return { state, counts };
}

function bytes(state: TrainState): string {
  return leaves(state)
    .map(({ path, value }) => `${path}:${Array.from(value.dataSync()).join(",")}`)
    .join("\n");
}

const residual = {
  discriminator: {
    kind: "residual",
    channels: [4, 6],
    finalChannels: 5,
    minibatchStdDev: { groupSize: 2, features: 1 },
    blurTaps: [1, 3, 3, 1],
  },
  generator: { form: "release", attention: "vitgan-release-l2", weightNorm: "release-spectral" },
};

test.each([
  ["the paper's form", tinyConfig],
  ["the release's form", family.configure(tinyConfig, residual)],
])("%s trains without leaks, every parameter moves, and a resumed run equals the straight one", async (_, config) => {
  const straight = await run(config, null, 0, 4);
  expect(new Set(straight.counts).size).toBe(1);
  const half = await run(config, null, 0, 2);
  const resumed = await run(config, half.state, 2, 4);
  expect(bytes(resumed.state)).toBe(bytes(straight.state));

  const start = trainer(config).init(key(3));
  for (const network of ["generator", "discriminator"] as const) {
    const now = leaves(straight.state[network]);
    leaves(start[network]).forEach(({ path, value }, index) => {
      const moved = tf.max(tf.abs(tf.sub(value, now[index]!.value))).dataSync()[0]!;
      expect(moved, `${network}.${path}`).toBeGreaterThan(0);
    });
  }
});

test("the discriminator learns to tell real from generated", async () => {
  const training = { ...family.presets[0]!.training, batch: 8, discriminatorTerms: [], augmentation: null };
  const train = createTrainStep(family.create(tinyConfig), training);
  const step = compile(train.step);
  const real = tf.fill<tf.Rank.R4>([8, 8, 8, 3], 0.9);
  const gaps: number[] = [];
  let state = train.init(key(3));
  for (let i = 0; i < 12; i++) {
    const result = await advance(state, (s) => step(s, real, fold(key(5), i), train.phase(i)));
    state = result.state;
    const [judgedReal, judgedFake] = ["logits/real", "logits/fake"].map((name) => result.report[name]!.dataSync()[0]!);
    gaps.push(judgedReal! - judgedFake!);
  }
  expect(Math.max(...gaps.slice(4))).toBeGreaterThan(gaps[0]! + 0.2);
});

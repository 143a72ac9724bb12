import "@tensorflow/tfjs-backend-cpu";
import type { AdversarialModel } from "@ganymede/core";
import { createRegistry, key } from "@ganymede/core";
import * as tf from "@tensorflow/tfjs-core";
import { beforeAll, expect, test } from "vitest";
import { smallImages } from "../fixtures/linear-family.js";
import { linearGame, linearGameTraining } from "../fixtures/linear-game.js";
import { trainingPlugin } from "../plugin.js";
import { runTraining } from "./run-training.js";
import { createTrainer } from "./trainer.js";

beforeAll(() => tf.setBackend("cpu"));

test("training goes on while a checkpoint is written, one at a time, and ends at the next step where a write fails", async () => {
  const told: string[] = [];
  const trainer = await createTrainer({
    model: linearGame as unknown as AdversarialModel,
    training: linearGameTraining,
    components: createRegistry([trainingPlugin()]),
    key: key(1),
  });
  const writes: { done(): void; fail(error: Error): void }[] = [];
  const running = runTraining({
    trainer,
    dataset: smallImages(),
    config: { seed: 1, every: { log: 1, sample: 1000, checkpoint: 2 } },
    storage: {
      begin: async () => undefined,
      sample: async () => undefined,
      async checkpoint(step) {
        told.push(`write ${step}`);
        return { written: new Promise((done, fail) => writes.push({ done, fail })) };
      },
      remedy: async () => "",
    },
    limits: { steps: 20, seconds: Number.POSITIVE_INFINITY },
    loggers: [],
    callbacks: [
      {
        onStep({ step }) {
          told.push(`step ${step}`);
          // The checkpoint of step 4 waits until that of step 2 is written, which comes late.
          if (step === 4) setTimeout(() => writes[0]?.done(), 20);
          if (step === 5) writes[1]?.fail(new Error("the disk is full"));
        },
        onCheckpoint: (step) => void told.push(`checkpoint ${step}`),
        onEnd: (step) => void told.push(`end ${step}`),
      },
    ],
    signal: new AbortController().signal,
    clock: () => 0,
  });
  await expect(running).rejects.toThrow("the disk is full");
  const steps = ["step 1", "step 2", "write 2", "step 3", "step 4", "checkpoint 2", "write 4", "step 5", "end 6"];
  expect(told).toEqual(steps);
  trainer.dispose();
});

test("the last checkpoint is waited for", async () => {
  const told: string[] = [];
  const trainer = await createTrainer({
    model: linearGame as unknown as AdversarialModel,
    training: linearGameTraining,
    components: createRegistry([trainingPlugin()]),
    key: key(1),
  });
  const late = () => new Promise<void>((done) => setTimeout(done, 20)).then(() => void told.push("written"));
  const end = await runTraining({
    trainer,
    dataset: smallImages(),
    config: { seed: 1, every: { log: 1, sample: 1000, checkpoint: 1000 } },
    storage: {
      begin: async () => undefined,
      sample: async () => undefined,
      checkpoint: async () => ({ written: late() }),
      remedy: async () => "",
    },
    limits: { steps: 2, seconds: Number.POSITIVE_INFINITY },
    loggers: [],
    callbacks: [{ onCheckpoint: () => void told.push("said"), onEnd: () => void told.push("end") }],
    signal: new AbortController().signal,
    clock: () => 0,
  });
  expect([end, told]).toEqual(["done", ["written", "said", "end"]]);
  trainer.dispose();
});

test("a snapshot keeps its values while steps are taken, and is freed", async () => {
  const trainer = await createTrainer({
    model: linearGame as unknown as AdversarialModel,
    training: linearGameTraining,
    components: createRegistry([trainingPlugin()]),
    key: key(1),
  });
  const values = async (entries: ReturnType<typeof trainer.entries>) =>
    Promise.all(entries.map(async ({ name, read }) => [name, Array.from(await read())]));
  const images = { images: new Float32Array(4 * 12).fill(0.5), shape: [4, 2, 2, 3] } as const;
  await trainer.advance(images, false);
  const before = await values(trainer.entries());
  const tensors = tf.memory().numTensors;
  const { entries, dispose } = trainer.snapshot();
  await trainer.advance(images, false);
  expect(await values(entries)).toEqual(before);
  expect(await values(trainer.entries())).not.toEqual(before);
  dispose();
  expect(tf.memory().numTensors).toBe(tensors);
  trainer.dispose();
});

import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Callback } from "@ganymede/core";
import "@tensorflow/tfjs-backend-cpu";
import * as tf from "@tensorflow/tfjs-core";
import sharp from "sharp";
import { beforeAll, beforeEach, describe, expect, it } from "vitest";
import { linearPlugin, linearPreset, smallImages } from "../fixtures/linear-family.js";
import { train as trainInMemory } from "../run/train.js";
import { calculateMetrics } from "./calculate-metrics.js";
import { loadGenerator } from "./load-generator.js";
import { train } from "./train.js";

beforeAll(async () => {
  await tf.setBackend("cpu");
});

let folder = "";
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "ganymede-library-"));
  return () => rm(folder, { recursive: true });
});

const asked = () => ({ preset: linearPreset, plugins: [linearPlugin()], data: smallImages(), seed: 3 });
const checkpoint = (out: string, step: number) =>
  readFile(join(out, "checkpoints", `step-${String(step).padStart(6, "0")}.safetensors`));

/** The state of a run, value by value. */
async function stateOf(run: Awaited<ReturnType<typeof train>>) {
  return Promise.all(run.state().map(async ({ name, read }) => [name, await read()] as const));
}

describe("train with a folder", () => {
  it("tells loggers and callbacks, keeps the run, and goes on bit for bit", async () => {
    const out = join(folder, "run");
    const told: string[] = [];
    const scalars: number[] = [];
    const callback: Callback = {
      onStart: ({ step }) => void told.push(`start ${step}`),
      onStep: ({ step, report }) => void told.push(`step ${step}${report === null ? "" : " with losses"}`),
      onCheckpoint: (step) => void told.push(`checkpoint ${step}`),
      onEnd: (step) => void told.push(`end ${step}`),
    };
    let closed = 0;
    const logger = { scalars: (step: number) => void scalars.push(step), close: () => void closed++ };
    const every = { log: 2, checkpoint: 2 };
    const run = await train({ ...asked(), out, steps: 3, every, loggers: [logger], callbacks: [callback] });
    expect([run.step, run.end, scalars, closed]).toEqual([3, "done", [1, 2, 3], 1]);
    const steps = ["start 1", "step 1 with losses", "step 2 with losses", "step 3 with losses"];
    expect(told.filter((each) => !each.startsWith("checkpoint"))).toEqual([...steps, "end 3"]);
    // Written while training goes on: said after its step, and before the end.
    expect(told.filter((each) => each.startsWith("checkpoint"))).toEqual(["checkpoint 2", "checkpoint 3"]);
    expect(told.indexOf("checkpoint 2")).toBeGreaterThan(told.indexOf("step 2 with losses"));
    expect(told.at(-1)).toBe("end 3");
    expect(run.history.map(({ step }) => step)).toEqual([1, 2, 3]);
    expect((await readdir(out)).sort()).toEqual(["checkpoints", "config.json", "metrics.jsonl", "samples"]);
    run.dispose();
    const resumed = await train({ plugins: [linearPlugin()], data: smallImages(), out, resume: true, steps: 5 });
    const straight = await trainInMemory({ ...asked(), steps: 5 });
    expect(await stateOf(resumed)).toEqual(await stateOf(straight));
    for (const each of [resumed, straight]) each.dispose();
  });

  it("is stopped by a callback, and saved", async () => {
    const stopper = {
      id: "stop",
      source: "none",
      settings: {},
      create: ({ stop }: { stop(): void }) => ({ onStep: stop }),
    };
    const run = await train({ ...asked(), out: join(folder, "run"), steps: 100, callbacks: [stopper] });
    expect([run.end, run.step]).toEqual(["interrupted", 1]);
    expect((await checkpoint(join(folder, "run"), 1)).length).toBeGreaterThan(0);
    run.dispose();
  });

  it("gives its generator, which is the one that is loaded from the folder", async () => {
    const out = join(folder, "run");
    const run = await train({ ...asked(), out, steps: 2 });
    const generator = await run.generator();
    const loaded = await loadGenerator(out, { plugins: [linearPlugin()] });
    const images = await generator.sample(5, { seed: 7 });
    expect([images.count, images.imageShape, images.pixels.length]).toEqual([5, [2, 2, 3], 60]);
    expect(await loaded.sample(5, { seed: 7 })).toEqual(images);
    expect((await loaded.sample(2, { seed: 7 })).pixels).toEqual(images.pixels.slice(0, 24));
    const z = Float32Array.of(0.5, -1, 2, 0);
    expect((await loaded.sample(z)).pixels.slice(12)).toEqual((await loaded.sample(z.slice(2))).pixels);
    await expect(loaded.sample(z.slice(1))).rejects.toThrow(/whole rows of 2 numbers, got 3 numbers/);
    await expect(loaded.sample(1, { classes: 0 })).rejects.toThrow(/must have classes, but it has none/);
    await expect(loaded.sample(1, { psi: 0.5 })).rejects.toThrow(/must have styles/);
    for (const each of [generator, loaded, run]) each.dispose();
  });

  it("leaves no state behind when it fails, and says what stands in the way", async () => {
    const out = join(folder, "run");
    const before = tf.memory().numTensors;
    const failing: Callback = {
      onStep() {
        throw new Error("of the user");
      },
    };
    await expect(train({ ...asked(), out, steps: 2, callbacks: [failing] })).rejects.toThrow("of the user");
    expect(tf.memory().numTensors).toBe(before);
    await expect(train({ ...asked(), out, steps: 2 })).rejects.toThrow(/must not hold a run yet/);
    await expect(trainInMemory(asked())).rejects.toThrow(/a limit is required/);
    const data = { ...smallImages(), imageShape: [4, 4, 3] as const };
    await expect(trainInMemory({ ...asked(), data, steps: 1 })).rejects.toThrow(/images must be 2 x 2 x 3/);
  });
});

describe("a loss that is not finite", () => {
  const rates = (value: number) => ({
    "training.optimizer.generator.learningRate": value,
    "training.optimizer.discriminator.learningRate": value,
  });
  const configOf = async (out: string) => JSON.parse(await readFile(join(out, "config.json"), "utf8"));
  const begin = async (): Promise<string> => {
    const out = join(folder, "run");
    (await train({ ...asked(), out, steps: 2 })).dispose();
    return out;
  };
  const again = (out: string, rate: number, onNan: "stop" | "rollback", steps: number) =>
    train({
      plugins: [linearPlugin()],
      data: smallImages(),
      out,
      resume: true,
      steps,
      set: rates(rate),
      onNan,
      every: { log: 1 },
    });

  it("stops the run, names what is broken, and lets it go on with lower rates", async () => {
    const out = await begin();
    await expect(again(out, 3e38, "stop", 6)).rejects.toThrow(
      /got loss\/\w+ = \S+ at step \d \((the first layer whose output is not finite is (generator|discriminator)\S*|the outputs of all layers are finite.*); (not finite after it: (generator|discriminator)\.\S+, \d of 4 parameters in all|all parameters are finite still)\); the last good checkpoint is .*step-000002/,
    );
    const run = await again(out, 0.001, "stop", 6);
    expect([run.step, run.history.map(({ step }) => step)]).toEqual([6, [1, 2, 3, 4, 5, 6]]);
    run.dispose();
  });

  it("goes back with halved rates until it is finite, and writes that down", async () => {
    const out = await begin();
    // The logits of the fourth step overflow at this rate, and do not at half of it.
    const rate = 4e18;
    const run = await again(out, rate, "rollback", 4);
    run.dispose();
    const { changes, training } = await configOf(out);
    expect(run.step).toBe(4);
    expect(changes.map(({ reason, step }: { reason: string; step: number }) => [reason, step])).toEqual([
      ["asked", 2],
      ["non-finite", 2],
    ]);
    expect(training.optimizer.generator.learningRate).toBe(rate / 2);
    expect(run.history.map(({ step }) => step)).toEqual([1, 2, 3, 4]);
  });

  it("gives up after three times from one checkpoint", async () => {
    const out = await begin();
    const before = tf.memory().numTensors;
    await expect(again(out, 3e38, "rollback", 6)).rejects.toThrow(/has already halved the rates 3 times from step 2$/);
    expect(tf.memory().numTensors).toBe(before);
    expect((await configOf(out)).changes.length).toBe(4);
  });
});

describe("keepBest", () => {
  it("refuses a metric that is not measured", async () => {
    const asking = train({ ...asked(), out: join(folder, "run"), steps: 1, keepBest: "swd" });
    await expect(asking).rejects.toThrow(/^`keepBest`: it must be a metric that is measured, got "swd"; name it with/);
  });
});

describe("calculateMetrics", () => {
  it("measures a folder of images against another", async () => {
    const sides = ["a", "b"].map((name) => join(folder, name));
    for (const [index, side] of sides.entries()) {
      await mkdir(side);
      for (let i = 0; i < 2; i++) {
        const raw = { width: 32, height: 32, channels: 3 } as const;
        const image = Uint8Array.from({ length: 32 * 32 * 3 }, (_, at) => ((at * (i + 3)) % 251) + index);
        await writeFile(join(side, `${i}.png`), await sharp(image, { raw }).png().toBuffer());
      }
    }
    const asking = { metrics: ["swd"], cache: false };
    const [same] = await calculateMetrics({ generated: sides[0]!, real: sides[0]!, ...asking });
    const [other] = await calculateMetrics({ generated: sides[0]!, real: sides[1]!, ...asking });
    expect([same?.id, same?.value]).toEqual(["swd", 0]);
    expect(other?.value).toBeGreaterThan(0);
  });
});

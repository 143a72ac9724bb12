import "@tensorflow/tfjs-backend-cpu";
import type { FunctionCompiler } from "@ganymede/core/compile";
import { compilerSymbol } from "@ganymede/core/compile";
import * as tf from "@tensorflow/tfjs-core";
import { afterEach, beforeAll, describe, expect, it } from "vitest";
import { trainLoop } from "./train-loop.js";
import type { Trainer } from "./trainer.js";

beforeAll(() => tf.setBackend("cpu"));
afterEach(() => void Reflect.deleteProperty(tf.backend(), compilerSymbol));

/** Makes the current backend one that loses NaN, or one that keeps it. */
function compileWith(losesNaN: boolean): void {
  const compiler: Partial<FunctionCompiler> = { losesNaN };
  Object.assign(tf.backend(), { [compilerSymbol]: compiler });
}

/** A loop of two steps whose losses are finite and whose weight is this from the second step on. */
function loop(weight: number): Promise<unknown> {
  let step = 0;
  const trainer: Partial<Trainer> = {
    get step() {
      return step;
    },
    async advance() {
      step += 1;
      return { generator: 0.5 };
    },
    entries: () => [
      {
        name: "discriminator.head.weight",
        dtype: "F32",
        shape: [1],
        read: async () => Float32Array.of(step < 2 ? 1 : weight),
      },
    ],
  };
  const nothing = async (): Promise<void> => undefined;
  return trainLoop({
    trainer: trainer as Trainer,
    batch: async () => ({ images: new Float32Array(3), shape: [1, 1, 1, 3], step: 0, indices: Uint32Array.of(0) }),
    limits: { steps: 2, seconds: Number.POSITIVE_INFINITY },
    every: { log: 1, sample: 10, checkpoint: 10 },
    events: { begin: nothing, step: nothing, sample: nothing, checkpoint: nothing },
    signal: new AbortController().signal,
    clock: () => 0,
    remedy: async () => "go back",
  });
}

describe("trainLoop", () => {
  it("finds a parameter that is NaN behind finite losses, on a backend that loses NaN", async () => {
    compileWith(true);
    await expect(loop(Number.NaN)).rejects.toMatchObject({
      code: "non-finite",
      message:
        "train: every parameter must be finite, got NaN or infinity at step 2 (every loss is finite; not finite after it: discriminator.head.weight, 1 of 1 parameters in all); go back",
    });
    await expect(loop(2)).resolves.toBe("done");
  });

  it("trusts finite losses elsewhere", async () => {
    compileWith(false);
    await expect(loop(Number.NaN)).resolves.toBe("done");
  });
});

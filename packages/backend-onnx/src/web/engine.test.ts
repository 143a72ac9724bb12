import "@tensorflow/tfjs-backend-cpu";
import { compile, fold, key, normal } from "@ganymede/core";
import * as tf from "@tensorflow/tfjs-core";
import { beforeAll, describe, expect, it } from "vitest";
import type { OnnxBackend } from "../recorder.js";
import { registerBackend } from "../register-backend.js";
import { startWebEngine } from "./engine.js";

// The WebAssembly program is the browser's; Node runs it too.
const id = "onnx-in-wasm";
let backend: OnnxBackend;

beforeAll(async () => {
  backend = registerBackend(id, await startWebEngine({ provider: "cpu", threads: 1 }));
  await tf.setBackend(id);
});

const values = async (tensor: tf.Tensor) => Array.from(await tensor.data());

describe("an engine that must be waited for", () => {
  it("computes what is read, each tensor when it is asked for", async () => {
    const x = tf.tensor2d([1, 2, 3, 4], [2, 2]);
    const squared = tf.matMul(x, x);
    const reading = squared.data();
    // Recorded while the product is on its way.
    const more = tf.add(squared, x);
    const integers = tf.cast(tf.greater(more, 12), "int32");
    expect(await values(integers)).toEqual([0, 0, 1, 1]);
    expect([...(await reading)]).toEqual([7, 10, 15, 22]);
    expect(await values(tf.greater(more, 12))).toEqual([0, 0, 1, 1]);
    expect(await values(tf.concat([more, tf.zeros([0, 2])], 0))).toEqual([8, 12, 18, 26]);
    expect(await values(tf.abs(tf.complex(tf.tensor1d([3]), tf.tensor1d([4]))))).toEqual([5]);
    expect(await values(tf.complex(tf.tensor1d([3]), tf.neg(tf.tensor1d([4]))))).toEqual([3, -4]);
  });

  it("says of a read at once that it must wait, and reads what is there", async () => {
    const y = tf.neg(tf.tensor1d([1, 2, 2]));
    const refusal = /onnx-in-wasm backend: .*await tensor.data\(\), and create the kernel's input from the result/;
    expect(() => y.dataSync()).toThrow(refusal);
    expect(() => tf.unique(y)).toThrow(refusal);
    expect(tf.tensor1d([7]).dataSync()[0]).toBe(7);
    await y.data();
    expect([...y.dataSync()]).toEqual([-1, -2, -2]);
    expect(await values(tf.unique(y).values)).toEqual([-1, -2]);
  });

  it("lets one operation fail alone, and with it those that need it", async () => {
    const x = tf.tensor1d([1, 2]);
    const good = tf.add(x, 1);
    const bad = tf.gather(x, tf.tensor1d([9], "int32"));
    const reading = expect(bad.data()).rejects.toThrow(/Gather/);
    const after = tf.neg(bad);
    expect(await values(good)).toEqual([2, 3]);
    await reading;
    await expect(after.data()).rejects.toThrow(/Gather/);
    expect(await values(tf.add(good, x))).toEqual([3, 5]);
  });

  it("compiles a function that uses tensors yet to be computed", async () => {
    const w = tf.mul(normal(key(1), [3, 2]), 2) as tf.Tensor2D;
    const bias = tf.tensor1d([1, -1]);
    const fn = (x: tf.Tensor2D) => ({ y: tf.add(tf.matMul(x, w), bias), twice: tf.mul(w, 2) });
    const x = tf.square(normal(key(2), [4, 3])) as tf.Tensor2D;
    const pending = compile(fn)(x);
    const expected = fn(x);
    x.dispose();
    const { y, twice } = await pending;
    expect(await values(y)).toEqual((await values(expected.y)).map((value) => expect.closeTo(value, 5)));
    expect(await values(twice)).toEqual(await values(expected.twice));
  });

  it("draws for each call its own numbers, also for calls that overlap", async () => {
    const noise = compile((runKey: ReturnType<typeof key>) => ({ x: normal(fold(runKey, "x"), [5]) }));
    const calls = [1, 2, 3].map((seed) => noise(key(seed)));
    for (const [i, { x }] of (await Promise.all(calls)).entries()) {
      expect(await values(x)).toEqual(await values(normal(fold(key(i + 1), "x"), [5])));
    }
  });

  it("holds as many tensors and bytes after many steps as after one", async () => {
    const step = compile((w: tf.Tensor2D, runKey: ReturnType<typeof key>) => {
      const loss = (v: tf.Tensor) => tf.mean(tf.square(tf.matMul(normal(runKey, [4, 3]), v as tf.Tensor2D)));
      const { value, grad } = tf.valueAndGrad(loss)(w);
      return { w: tf.sub(w, tf.mul(grad, 0.1)), loss: value };
    });
    let w = normal(key(3), [3, 2]) as tf.Tensor2D;
    const losses: number[] = [];
    const run = async (count: number) => {
      for (let i = 0; i < count; i++) {
        const next = await step(w, fold(key(4), i));
        losses.push(...(await values(next.loss)));
        tf.dispose([w, next.loss]);
        w = next.w as tf.Tensor2D;
      }
      return [tf.memory().numTensors, backend.pool.liveBytes, backend.store.staging.heldBytes];
    };
    const before = await run(1);
    expect(await run(20)).toEqual(before);
    expect(losses.at(-1)).toBeLessThan(losses[0]!);
  });

  it("frees what is disposed of on its way", async () => {
    const before = backend.pool.liveBytes;
    const x = tf.tensor1d([1, 2, 3]);
    const y = tf.exp(x);
    const z = tf.neg(y);
    const reading = y.data();
    tf.dispose([x, y, z]);
    expect([...(await reading)]).toEqual([1, 2, 3].map((value) => expect.closeTo(Math.exp(value), 5)));
    expect(backend.pool.liveBytes).toBe(before);
  });

  it("says why it does not start otherwise than before", async () => {
    await expect(startWebEngine({ provider: "cpu", threads: 2 })).rejects.toThrow(/fixed per page, got 2 after 1/);
  });
});

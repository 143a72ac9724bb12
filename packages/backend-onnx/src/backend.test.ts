import "@tensorflow/tfjs-backend-cpu";
import { compile, fold, key, normal } from "@ganymede/core";
import * as tf from "@tensorflow/tfjs-core";
import { describe, expect, it } from "vitest";
import { onnxBackend } from "./backend.js";
import type { OnnxBackend } from "./recorder.js";

describe("onnx backend", () => {
  it("computes eagerly what is read", async () => {
    await onnxBackend().activate();
    const x = tf.tensor2d([1, 2, 3, 4], [2, 2]);
    const y = tf.softmax(tf.matMul(x, x, false, true));
    expect([...(await y.data())].map((v) => Number(v.toFixed(4)))).toEqual([0.0025, 0.9975, 0, 1]);
  });

  it("compiles a function with its gradient and its draws", async () => {
    const step = (params: { w: tf.Tensor }, x: tf.Tensor2D, runKey: ReturnType<typeof key>) => {
      const noise = normal(fold(runKey, "noise"), [3, 2]);
      const loss = (w: tf.Tensor): tf.Scalar =>
        tf.mean(tf.square(tf.matMul(tf.add(x, noise), w as tf.Tensor2D))) as tf.Scalar;
      const g = tf.valueAndGrad(loss)(params.w);
      return { w: tf.sub(params.w, tf.mul(0.1, g.grad)), loss: g.value };
    };
    const run = async (backend: string): Promise<number[]> => {
      if (backend === "cpu") await tf.setBackend("cpu");
      else await onnxBackend().activate();
      const params = { w: tf.tensor2d([1, -2, 0.5, 3], [2, 2]) };
      const x = tf.tensor2d([1, 2, 3, 4, 5, 6], [3, 2]);
      const compiled = compile(step);
      let state = await compiled(params, x, key(1));
      state = await compiled({ w: state.w }, x, key(2));
      return [...(await state.w.data()), ...(await state.loss.data())];
    };
    const [ours, reference] = [await run("onnx"), await run("cpu")];
    ours.forEach((value, i) => expect(value).toBeCloseTo(reference[i]!, 4));
  });

  it("repeats the result where both operands of an operator were repeated", async () => {
    await onnxBackend().activate();
    const [x, y] = [tf.tensor1d([2]), tf.tensor1d([5])];
    const wide = (value: tf.Tensor) => tf.broadcastTo(value, [3]);
    const sums = tf.reshape(tf.add(wide(x), wide(y)), [3, 1]);
    const products = tf.reshape(tf.mul(wide(tf.add(x, y)), tf.fill([3], 2)), [1, 3]);
    expect([...(await sums.data())]).toEqual([7, 7, 7]);
    expect([...(await products.data())]).toEqual([14, 14, 14]);
  });

  it("prepares a function while another runs, and traces it once", async () => {
    await onnxBackend().activate();
    let traces = 0;
    const double = compile((x: tf.Tensor1D, mode: string) => {
      traces++;
      return { y: mode === "sum" ? tf.add(x, x) : tf.mul(x, x) };
    });
    const running = double(tf.tensor1d([1, 2]), "sum");
    const preparing = double.prepare(tf.tensor1d([9, 9]), "product");
    const { y } = await double(tf.tensor1d([3, 4]), "product");
    expect([...(await y.data())]).toEqual([9, 16]);
    expect([...(await (await running).y.data())]).toEqual([2, 4]);
    await preparing;
    await double.prepare(tf.tensor1d([5, 6]), "sum");
    expect(traces).toBe(2);
    await expect(double.prepare(tf.ones([2, 2, 2]) as never, "sum")).resolves.toBeUndefined();
    expect(traces).toBe(3);
  });

  it("says of a function that cannot be traced what its call says, and goes on", async () => {
    await onnxBackend().activate();
    let broken = true;
    const run = compile((x: tf.Tensor1D) => {
      if (broken) throw new Error("not yet");
      return { y: tf.neg(x) };
    });
    const x = tf.tensor1d([1]);
    await expect(run.prepare(x)).rejects.toThrow("not yet");
    await expect(run(x)).rejects.toThrow("not yet");
    broken = false;
    expect([...(await (await run(x)).y.data())]).toEqual([-1]);
  });

  it("does nothing ahead on an eager backend", async () => {
    await tf.setBackend("cpu");
    let calls = 0;
    const run = compile((x: tf.Tensor1D) => {
      calls++;
      return { y: tf.neg(x) };
    });
    await run.prepare(tf.tensor1d([1]));
    expect(calls).toBe(0);
  });

  it("leaves memory flat over 1,000 compiled steps", async () => {
    await onnxBackend().activate();
    const { pool } = tf.backend() as OnnxBackend;
    const step = compile((weights: { list: tf.Tensor[] }, runKey: ReturnType<typeof key>) => ({
      list: weights.list.map((w, i) => tf.add(tf.mul(w, 0.99), normal(fold(runKey, i % 3), [64, 16]))),
    }));
    let state = { list: Array.from({ length: 20 }, (_, i) => tf.fill([64, 16], i)) as tf.Tensor[] };
    const run = async (count: number): Promise<void> => {
      for (let i = 0; i < count; i++) {
        const next = await step(state, fold(key(1), i));
        tf.dispose(state.list);
        state = next;
      }
    };
    await run(50);
    const before = { tensors: tf.memory().numTensors, live: pool.liveBytes, resident: process.memoryUsage().rss };
    await run(1000);
    expect(tf.memory().numTensors).toBe(before.tensors);
    expect(pool.liveBytes).toBe(before.live);
    // The state is 80 kB; a leak of it each step would be 80 MB.
    expect(process.memoryUsage().rss - before.resident).toBeLessThan(40 * 2 ** 20);
    tf.dispose(state.list);
  });
});

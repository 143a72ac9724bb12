import { GanymedeError } from "@ganymede/core";
import * as tf from "@tensorflow/tfjs-core";
import { beforeAll, describe, expect, it } from "vitest";
import { webgpuBackend } from "./backend.js";
import { prepareGpu } from "./fixtures/software-gpu.js";

const reason = await prepareGpu();

describe.skipIf(reason !== null)(reason === null ? "on a GPU" : `skipped: ${reason}`, () => {
  beforeAll(() => webgpuBackend().activate());

  it("says what it runs on", async () => {
    const { name, autoSkipReason } = await webgpuBackend().inspect!();
    expect(name).not.toBe("");
    expect(autoSkipReason === null).toBe(!name.includes("in software"));
  });

  it("computes, through tensors of eight axes too", async () => {
    const x = tf.reshape(tf.range(0, 256), [2, 2, 2, 2, 2, 2, 2, 2]);
    const y = tf.sum(tf.transpose(tf.sin(x), [4, 5, 0, 1, 6, 7, 2, 3]), [2, 3, 4]);
    const sums = new Float32Array(32);
    for (let i = 0; i < 256; i++) {
      const bit = (axis: number): number => (i >> (7 - axis)) & 1;
      // Axes 0, 1 and 6 are summed; 4, 5, 7, 2 and 3 stay, in this order.
      const place = [4, 5, 7, 2, 3].reduce((index, axis) => 2 * index + bit(axis), 0);
      sums[place] = sums[place]! + Math.sin(i);
    }
    const values = await y.data();
    expect(y.shape).toEqual([2, 2, 2, 2, 2]);
    expect(Math.max(...values.map((value, i) => Math.abs(value - sums[i]!)))).toBeLessThan(2e-3);
  });

  it("knows sines of large numbers, which WGSL does not promise", async () => {
    const x = Float32Array.from({ length: 2000 }, (_, i) => (i - 1000) * 7.3);
    const tensor = tf.tensor1d(x);
    for (const [op, exact] of [
      [tf.sin, Math.sin],
      [tf.cos, Math.cos],
    ] as const) {
      const y = await op(tensor).data();
      expect(Math.max(...y.map((value, i) => Math.abs(value - exact(x[i]!))))).toBeLessThan(5e-7);
    }
  });

  it("moves integers as integers", async () => {
    const x = tf.reshape(tf.range(16777215, 16777215 + 1320, 1, "int32"), [10, 11, 12]);
    const y = await tf.transpose(x, [2, 0, 1]).data();
    expect([y[1], y[109]]).toEqual([16777215 + 12, 16777215 + 1308]);
  });

  it("refuses to wait for a result, and reads what is on the host at once", async () => {
    const x = tf.tensor1d([1, 2]);
    expect([...x.dataSync()]).toEqual([1, 2]);
    const y = tf.matMul(tf.ones([64, 64]), tf.ones([64, 64]));
    expect(() => y.dataSync()).toThrow(/must be read with data\(\)/);
    expect((await y.data())[0]).toBe(64);
  });

  it("throws what the GPU could not do", async () => {
    const { device } = tf.backend() as unknown as { device: { createBuffer(of: object): unknown } };
    device.createBuffer({ size: 2 ** 52, usage: 1 << 7 });
    const read = async () => (await tf.add(tf.ones([2000]), 1).data())[0];
    await expect(read()).rejects.toSatisfy(
      (error) => GanymedeError.is(error) && /failed to run a command/.test(error.message),
    );
  });
});

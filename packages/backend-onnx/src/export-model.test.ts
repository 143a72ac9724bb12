import { fold, key, normal } from "@ganymede/core";
import * as tf from "@tensorflow/tfjs-core";
import { InferenceSession, Tensor } from "onnxruntime-node";
import { beforeAll, describe, expect, test } from "vitest";
import { exportModel, onnxBackend } from "./index.js";

beforeAll(() => onnxBackend({ threads: 1 }).activate());

describe("exportModel", () => {
  const weight = () => normal<tf.Rank.R2>(key(1), [3, 4]);

  test("gives a model that another runtime runs to the same values, with named inputs and outputs", async () => {
    const w = weight();
    const fn = ({ z }: Readonly<Record<string, tf.Tensor>>) => tf.tanh(tf.matMul(z as tf.Tensor2D, w));
    const z = normal<tf.Rank.R2>(fold(key(1), "z"), [2, 3]);
    const model = exportModel(fn, { inputs: { z }, outputs: ["image"] });
    const session = await InferenceSession.create(model);
    expect([session.inputNames, session.outputNames]).toEqual([["z"], ["image"]]);
    const values = (await z.data()) as Float32Array;
    const { image } = await session.run({ z: new Tensor("float32", values, [2, 3]) });
    const expected = await fn({ z }).data();
    expect(Array.from(image!.data as Float32Array)).toEqual(Array.from(expected, (value) => expect.closeTo(value, 6)));
  });

  test("refuses wrong numbers of names", () => {
    const z = tf.zeros([2, 3]);
    expect(() => exportModel(({ z: x }) => tf.neg(x!), { inputs: { z }, outputs: [] })).toThrow(
      /one name per result, got 0 names and 1/,
    );
  });

  test("refuses another backend", async () => {
    await import("@tensorflow/tfjs-backend-cpu");
    await tf.setBackend("cpu");
    try {
      expect(() => exportModel(({ z }) => z!, { inputs: { z: tf.zeros([1]) }, outputs: ["a"] })).toThrow(
        /must be onnx, got cpu/,
      );
    } finally {
      await tf.setBackend("onnx");
    }
  });
});

import * as tf from "@tensorflow/tfjs-core";
import { inference } from "./context.js";
import "@tensorflow/tfjs-backend-cpu";
import { beforeAll, describe, expect, test } from "vitest";
import "../gradients/register-all.js";
import { normal } from "../random/draw.js";
import { key } from "../random/key.js";
import { checkGradients } from "../testing/check-gradients.js";
import { expectAllClose } from "../testing/expect-all-close.js";
import { maxPool, relativeIndex, relativePositionTable, rootMeanSquareNorm, rotary } from "./index.js";

beforeAll(() => tf.setBackend("cpu"));

test("two pixels in a row: offsets -1, 0, 1", () => {
  expect([...relativeIndex(1, 2)]).toEqual([1, 0, 2, 1]);
});

test("equal offsets share one number of the table, others do not", async () => {
  const layer = relativePositionTable({ grid: [2, 3], heads: 2 });
  const params = layer.init(key(1));
  const bias = layer.apply(params, undefined, inference).arraySync()[1]!;
  expect(bias[0]![1]).toBe(bias[3]![4]); // one to the left, in either row
  expect(bias[0]![1]).not.toBe(bias[1]![0]);
  expect(new Set(bias.flat()).size).toBe(15); // 3 x 5 offsets
  await checkGradients(({ table }) => tf.exp(layer.apply({ table }, undefined, inference)), params);
});

describe("rotary", () => {
  test("products depend on the offset of the pixels alone", () => {
    const [q, k] = [normal(key(2), [8]), normal(key(3), [8])];
    const everywhere = (x: tf.Tensor) => rotary(tf.tile(tf.reshape(x, [1, 1, 1, 8]), [1, 1, 12, 1]), [3, 4]);
    const products = tf.matMul(everywhere(q), everywhere(k), false, true) as tf.Tensor4D;
    const at = products.arraySync()[0]![0]!;
    expect(at[0]![5]).toBeCloseTo(at[6]![11]!, 5); // one down, one right
    expect(at[0]![5]).not.toBeCloseTo(at[5]![0]!, 3);
  });

  test("keeps lengths and leaves the first pixel as it is", async () => {
    const x = normal<tf.Rank.R4>(key(4), [1, 2, 6, 8]);
    const y = rotary(x, [2, 3]);
    await expectAllClose(tf.norm(y, 2, 3), tf.norm(x, 2, 3), { relative: 1e-5 });
    await expectAllClose(tf.slice4d(y, [0, 0, 0, 0], [1, 2, 1, 8]), tf.slice4d(x, [0, 0, 0, 0], [1, 2, 1, 8]));
  });

  test("refuses a width that has no pairs for both axes", () => {
    expect(() => rotary(tf.zeros([1, 1, 4, 6]), [2, 2])).toThrow(/multiple of 4/);
  });
});

test("root mean square norm by hand", async () => {
  const y = rootMeanSquareNorm({ width: 2 }).apply({ scale: tf.tensor1d([1, 2]) }, tf.tensor2d([[3, 4]]), inference);
  await expectAllClose(y, [3 / Math.sqrt(12.5), 8 / Math.sqrt(12.5)], { relative: 1e-5 });
});

test("max pooling by hand, and its second derivative", async () => {
  const x = tf.tensor4d([1, 5, 2, 0, 3, 4, 9, 1], [1, 2, 4, 1]);
  await expectAllClose(maxPool(x), [5, 9]);
  await checkGradients((inputs) => tf.square(maxPool(inputs.x)), { x });
  expect(() => maxPool(tf.zeros([1, 3, 2, 1]))).toThrow(/must divide/);
});

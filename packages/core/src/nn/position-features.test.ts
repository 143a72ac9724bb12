import * as tf from "@tensorflow/tfjs-core";
import { beforeAll, expect, test } from "vitest";
import { inference } from "./context.js";
import "@tensorflow/tfjs-backend-cpu";
import "../gradients/register-all.js";
import { normal } from "../random/draw.js";
import { key } from "../random/key.js";
import { checkGradients } from "../testing/check-gradients.js";
import { expectAllClose } from "../testing/expect-all-close.js";
import { gaussianFourierFeatures, gridPositions, sinusoidalGrid, sirenFeatures } from "./index.js";

beforeAll(() => tf.setBackend("cpu"));

test("a sinusoidal layer by hand, with its derivatives", async () => {
  const layer = sirenFeatures({ inputs: 2, width: 1, frequency: 2 });
  const params = { weight: tf.tensor2d([[0.5], [-1]]), bias: tf.tensor1d([0.25]) };
  await expectAllClose(layer.apply(params, tf.tensor2d([[1, 0.1]]), inference), [Math.sin(2 * (0.5 - 0.1 + 0.25))], {
    relative: 1e-5,
  });
  const x = normal(key(1), [3, 2]);
  await checkGradients((tree) => layer.apply(tree.params, tree.x, inference), { params, x });
});

test("sines of later layers keep the spread of the first", () => {
  const first = sirenFeatures({ inputs: 2, width: 256 });
  const later = sirenFeatures({ inputs: 256, width: 256, first: false });
  const once = first.apply(first.init(key(2)), gridPositions(16), inference);
  const twice = later.apply(later.init(key(3)), once, inference);
  const deviation = (x: tf.Tensor) => Math.sqrt(tf.moments(x).variance.dataSync()[0]!);
  expect(deviation(once)).toBeGreaterThan(0.6);
  expect(Math.abs(deviation(twice) - deviation(once))).toBeLessThan(0.1);
});

test("products of Gaussian Fourier features fall with distance alone", () => {
  const positions = tf.tensor2d([
    [0, 0],
    [0.02, 0],
    [0.5, 0.5],
    [0.52, 0.5],
    [1, 1],
  ]);
  const y = gaussianFourierFeatures(positions, { width: 512, scale: 3 });
  const products = tf.div(tf.matMul(y, y, false, true), 256).arraySync() as number[][];
  expect(products[0]![0]).toBeCloseTo(1, 4);
  expect(products[0]![1]).toBeCloseTo(products[2]![3]!, 4);
  expect(products[0]![1]).toBeGreaterThan(0.8);
  expect(Math.abs(products[0]![4]!)).toBeLessThan(0.2);
  expect(() => gaussianFourierFeatures(positions, { width: 3 })).toThrow(/even and positive, got 3/);
});

test("sines of a grid by hand: columns first, then rows", async () => {
  const y = sinusoidalGrid(2, 4);
  const [s, c] = [Math.sin(1), Math.cos(1)];
  await expectAllClose(y, [-s, c, -s, c, s, c, -s, c, -s, c, s, c, s, c, s, c], { relative: 1e-6 });
  expect(() => sinusoidalGrid(4, 6)).toThrow(/multiple of twice the directions/);
});

import * as tf from "@tensorflow/tfjs-core";
import "@tensorflow/tfjs-backend-cpu";
import "../gradients/register-all.js";
import { beforeAll, describe, test } from "vitest";
import { normal } from "../random/draw.js";
import { fold, key } from "../random/key.js";
import { checkGradients } from "../testing/check-gradients.js";
import { expectAllClose } from "../testing/expect-all-close.js";
import { averagePool } from "./average-pool.js";
import { convolveThenAverage, doubleThenConvolve } from "./folded-convolution.js";
import { upsample } from "./upsample.js";

beforeAll(() => tf.setBackend("cpu"));

const draw = (label: string, shape: readonly [number, number, number, number]) =>
  normal<tf.Rank.R4>(fold(key(1), label), [...shape]);

describe.each([
  [
    "convolveThenAverage",
    convolveThenAverage,
    (x: tf.Tensor4D, w: tf.Tensor4D) => averagePool(tf.conv2d(x, w, 1, "same")),
  ],
  ["doubleThenConvolve", doubleThenConvolve, (x: tf.Tensor4D, w: tf.Tensor4D) => tf.conv2d(upsample(x), w, 1, "same")],
] as const)("%s", (_, folded, inSteps) => {
  test.each([
    [[2, 4, 6, 3], 5],
    [[1, 2, 2, 1], 1],
    [[3, 8, 2, 2], 4],
  ] as const)("gives what its two steps give: %j to %i channels", async (shape, outputs) => {
    const [x, w] = [draw("x", shape), draw("w", [3, 3, shape[3], outputs])];
    await expectAllClose(folded(x, w), inSteps(x, w), { absolute: 2e-6 });
  });

  test("is differentiable twice in the map and in the filters", async () => {
    const fn = ([x, w]: readonly tf.Tensor[]) => tf.tanh(folded(x as tf.Tensor4D, w as tf.Tensor4D));
    await checkGradients(fn, [draw("x", [1, 2, 4, 2]), tf.mul(draw("w", [3, 3, 2, 2]), 0.3)]);
  });
});

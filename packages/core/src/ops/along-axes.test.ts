import * as tf from "@tensorflow/tfjs-core";
import "@tensorflow/tfjs-backend-cpu";
import "../gradients/register-all.js";
import { beforeAll, expect, test } from "vitest";
import { normal } from "../random/draw.js";
import { key } from "../random/key.js";
import { checkGradients } from "../testing/check-gradients.js";
import { expectAllClose } from "../testing/expect-all-close.js";
import { alongAxes } from "./along-axes.js";

beforeAll(() => tf.setBackend("cpu"));

const x = () => normal<tf.Rank.R4>(key(1), [2, 3, 4, 2]);
const rows = () => normal<tf.Rank.R2>(key(2), [5, 3]);
const columns = () => normal<tf.Rank.R2>(key(3), [2, 4]);

test("rows and columns of every image and channel are multiplied", async () => {
  const y = alongAxes(x(), rows(), columns());
  expect(y.shape).toEqual([2, 5, 2, 2]);
  const plane = (map: tf.Tensor4D, size: [number, number]) =>
    tf.reshape(tf.slice4d(map, [1, 0, 0, 1], [1, ...size, 1]), size) as tf.Tensor2D;
  const expected = tf.matMul(tf.matMul(rows(), plane(x(), [3, 4])), columns(), false, true);
  await expectAllClose(plane(y, [5, 2]), expected, { absolute: 1e-5 });
});

test("it has right first and second derivatives in the map", async () => {
  await checkGradients((map: tf.Tensor4D) => alongAxes(map, rows(), columns()), x());
});

import * as tf from "@tensorflow/tfjs-core";
import "@tensorflow/tfjs-backend-cpu";
import { beforeAll, expect, test } from "vitest";
import { expectAllClose } from "../testing/expect-all-close.js";
import { addClassEmbedding } from "./add-class-embedding.js";
import { inference } from "./context.js";

beforeAll(() => tf.setBackend("cpu"));

test("each latent gets the row of its class, and labels are asked for", async () => {
  const layer = addClassEmbedding({ classes: 3, width: 2 });
  const table = tf.tensor2d([
    [1, 2],
    [3, 4],
    [5, 6],
  ]);
  const z = tf.tensor2d([
    [10, 20],
    [30, 40],
  ]);
  const y = layer.apply(table, z, { ...inference, labels: tf.tensor1d([2, 0], "int32") });
  await expectAllClose(y, [15, 26, 31, 42]);
  expect(() => layer.apply(table, z, inference)).toThrow(/must have labels/);
});

import * as tf from "@tensorflow/tfjs-core";
import { inference } from "./context.js";
import "@tensorflow/tfjs-backend-cpu";
import { beforeAll, expect, test } from "vitest";
import { key, normal } from "../index.js";
import { expectAllClose } from "../testing/index.js";
import { joinPatches, overlappingPatches, patchEmbedding, splitPatches } from "./index.js";

beforeAll(() => tf.setBackend("cpu"));

test.each([
  [2, 6, 4, 3],
  [4, 8, 12, 1],
])("patches of %i overlap as a convolution of twice the kernel does", async (size, height, width, channels) => {
  const images = normal<tf.Rank.R4>(key(1), [2, height, width, channels]);
  const embed = patchEmbedding({ patchSize: size, channels, width: 5, overlap: true });
  const params = embed.init(key(2));
  // Rows of the matrix: block row, block column, row, column, channel; those of a kernel: row, column, channel.
  const kernel = tf.reshape(
    tf.transpose(tf.reshape(params.weight, [2, 2, size, size, channels, 5]), [0, 2, 1, 3, 4, 5]),
    [2 * size, 2 * size, channels, 5],
  ) as tf.Tensor4D;
  const margin: [number, number] = [size / 2, size / 2];
  const padded = tf.pad4d(images, [[0, 0], margin, margin, [0, 0]]);
  const expected = tf.add(tf.conv2d(padded, kernel, size, "valid"), params.bias!);
  await expectAllClose(embed.apply(params, images, inference), expected, { relative: 1e-4, absolute: 1e-5 });
});

test("patches are row-major and join back to the images", async () => {
  const images = tf.reshape(tf.range(0, 2 * 4 * 6 * 3), [2, 4, 6, 3]) as tf.Tensor4D;
  const patches = splitPatches(images, 2);
  expect(patches.shape).toEqual([2, 2, 3, 12]);
  expect(tf.slice4d(patches, [0, 0, 1, 0], [1, 1, 1, 6]).arraySync()).toEqual([[[[6, 7, 8, 9, 10, 11]]]]);
  await expectAllClose(joinPatches(patches, 2), images, { relative: 0, absolute: 0 });
});

test("sizes that do not fit are refused", () => {
  expect(() => splitPatches(tf.zeros([1, 5, 4, 1]), 2)).toThrow(/must divide height and width, got 2 and 5x4/);
  expect(() => overlappingPatches(tf.zeros([1, 3, 3, 1]), 3)).toThrow(/patch size must be even, got 3/);
});

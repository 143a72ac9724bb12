import * as nn from "@ganymede/core/nn";
import * as tf from "@tensorflow/tfjs-core";
import { type Case, define } from "../case.js";

const images = (x: tf.Tensor | undefined) => x as tf.Tensor4D;
const filters = (x: tf.Tensor | undefined) => x as tf.Tensor4D;
const indices = (...values: number[]) => tf.tensor1d(values, "int32");
const picture = [2, 5, 5, 3];

/** Matrix products, convolutions, pooling, and elements chosen by index. */
export const products: readonly Case[] = [
  define("averagePool", [[2, 4, 4, 3]], (x) => tf.square(nn.averagePool(images(x)))),
  define("conv2d", [picture, [3, 3, 3, 2]], (x, w) => tf.conv2d(images(x), filters(w), 1, "same")),
  define("conv2d dilated", [picture, [2, 2, 3, 2]], (x, w) => tf.conv2d(images(x), filters(w), 1, "valid", "NHWC", 2), {
    order: 0,
  }),
  define("conv2d strided", [picture, [3, 3, 3, 2]], (x, w) => tf.conv2d(images(x), filters(w), 2, "same")),
  define(
    "conv2dTranspose",
    [
      [2, 3, 3, 2],
      [3, 3, 3, 2],
    ],
    (x, w) => tf.conv2dTranspose(images(x), filters(w), [2, 6, 6, 3], 2, "same"),
  ),
  define("depthwiseConv2d", [picture, [3, 3, 3, 2]], (x, w) => tf.depthwiseConv2d(images(x), filters(w), 1, "same")),
  define(
    "einsum",
    [
      [2, 3, 4],
      [2, 4, 3],
    ],
    (a, b) => tf.einsum("bij,bjk->bik", a!, b!),
    { order: 0 },
  ),
  define("filter", [[2, 5, 5, 3]], (x) => tf.square(nn.filter(images(x), { taps: [1, 3, 3, 1], padding: [2, 1] }))),
  define("gather", [[4, 3]], (x) => tf.square(tf.gather(x!, indices(2, 0, 2), 0))),
  define("gather columns", [[2, 4, 3]], (x) => tf.square(tf.gather(x!, indices(2, 0, 2), 2))),
  define("gatherND", [[4, 3]], (x) =>
    tf.square(
      tf.gatherND(
        x!,
        tf.tensor2d(
          [
            [2, 1],
            [0, 0],
            [2, 1],
          ],
          [3, 2],
          "int32",
        ),
      ),
    ),
  ),
  define(
    "matMul",
    [
      [3, 4],
      [4, 5],
    ],
    (a, b) => tf.matMul(a!, b!),
  ),
  define(
    "matMul batches",
    [
      [2, 3, 4],
      [2, 4, 3],
    ],
    (a, b) => tf.matMul(a!, b!),
  ),
  define(
    "matMul shared",
    [
      [2, 2, 3, 4],
      [1, 2, 4, 3],
    ],
    (a, b) => tf.matMul(a!, b!),
  ),
  define(
    "matMul transposed both",
    [
      [4, 3],
      [5, 4],
    ],
    (a, b) => tf.matMul(a!, b!, true, true),
  ),
  define(
    "matMul transposed left",
    [
      [4, 3],
      [4, 5],
    ],
    (a, b) => tf.matMul(a!, b!, true, false),
  ),
  define(
    "matMul transposed right",
    [
      [3, 4],
      [5, 4],
    ],
    (a, b) => tf.matMul(a!, b!, false, true),
  ),
  define("maxPool", [[2, 4, 4, 3]], (x) => tf.square(nn.maxPool(images(x)))),
  define("oneHot", [[3, 4]], (x) => tf.matMul(tf.oneHot(indices(2, 0, 1, 2), 3) as tf.Tensor2D, tf.square(x!))),
  define("scatterND", [[2, 3]], (x) => tf.square(tf.scatterND(tf.tensor2d([[3], [0]], [2, 1], "int32"), x!, [4, 3]))),
  define("unsortedSegmentSum", [[4, 3]], (x) => tf.square(tf.unsortedSegmentSum(x!, indices(2, 0, 2, 1), 3))),
];

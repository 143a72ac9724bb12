import * as nn from "@ganymede/core/nn";
import * as tf from "@tensorflow/tfjs-core";
import { type Case, define } from "../case.js";

const block = [[2, 3, 4]];
const image = [[2, 4, 4, 4]];
const images = (x: tf.Tensor | undefined) => x as tf.Tensor4D;
/** What only moves elements has no second derivative of its own. */
const squared = (y: tf.Tensor): tf.Tensor => tf.square(y);

/** Elements moved, repeated, left out or put together. */
export const shapes: readonly Case[] = [
  define("batchToSpaceND", image, (x) =>
    squared(
      tf.batchToSpaceND(
        images(x),
        [1, 2],
        [
          [0, 0],
          [1, 0],
        ],
      ),
    ),
  ),
  define("broadcastTo", [[3, 1]], (x) => squared(tf.broadcastTo(x!, [2, 3, 4]))),
  define(
    "concat",
    [
      [2, 3],
      [2, 2],
    ],
    (a, b) => squared(tf.concat([a!, b!, a!], 1)),
  ),
  define("depthToSpace", image, (x) => squared(tf.depthToSpace(images(x), 2))),
  define("expandDims", block, (x) => squared(tf.expandDims(x!, 1))),
  define("mirrorPad reflect", block, (x) =>
    squared(
      tf.mirrorPad(
        x!,
        [
          [0, 0],
          [1, 2],
          [2, 1],
        ],
        "reflect",
      ),
    ),
  ),
  define("mirrorPad symmetric", block, (x) =>
    squared(
      tf.mirrorPad(
        x!,
        [
          [0, 1],
          [1, 2],
          [2, 1],
        ],
        "symmetric",
      ),
    ),
  ),
  define("pad", block, (x) =>
    squared(
      tf.pad(
        x!,
        [
          [0, 1],
          [2, 0],
          [1, 1],
        ],
        0.5,
      ),
    ),
  ),
  define("pixelShuffle", image, (x) => squared(nn.pixelShuffle(images(x), 2))),
  define("reverse", block, (x) => squared(tf.mul(tf.reverse(x!, [0, 2]), x!))),
  define("slice", block, (x) => squared(tf.slice(x!, [0, 1, 1], [2, 2, 2]))),
  define("spaceToBatchND", image, (x) =>
    squared(
      tf.spaceToBatchND(
        images(x),
        [2, 2],
        [
          [0, 0],
          [0, 0],
        ],
      ),
    ),
  ),
  define("split", block, (x) => {
    const [a, b] = tf.split(x!, 2, 2);
    return tf.mul(a!, b!);
  }),
  define(
    "stack",
    [
      [2, 3],
      [2, 3],
    ],
    (a, b) => squared(tf.stack([a!, b!], 1)),
  ),
  define("stridedSlice", block, (x) => squared(tf.stridedSlice(x!, [0, 2, 0], [2, 0, 4], [1, -1, 2]))),
  define("tile", block, (x) => squared(tf.tile(x!, [1, 2, 3]))),
  define("transpose", block, (x) => squared(tf.transpose(x!, [2, 0, 1]))),
  define("unstack", block, (x) => {
    const [a, b, c] = tf.unstack(x!, 1);
    return tf.mul(tf.mul(a!, b!), c!);
  }),
  define("upsample", image, (x) => squared(nn.upsample(images(x)))),
  define("zeroStuff", image, (x) => squared(nn.zeroStuff(images(x)))),
];

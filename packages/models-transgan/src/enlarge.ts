import { pixelShuffle } from "@ganymede/core/nn";
import * as tf from "@tensorflow/tfjs-core";
import type { StageConfig } from "./config.js";
import { bicubicMatrix, resample, smoothingMatrix } from "./resample.js";

/** The ways of a stage, and `smooth` alone: enlarged four times and averaged back, the size kept. */
export type Way = StageConfig["enlarge"] | "smooth";

const ways = {
  none: (map) => map,
  smooth: (map) => resample(map, smoothingMatrix),
  "pixel-shuffle": (map) => pixelShuffle(map, 2),
  bicubic: (map) => resample(map, (size) => bicubicMatrix(size, 2)),
  "smooth-pixel-shuffle": (map) => pixelShuffle(resample(map, smoothingMatrix), 2),
} satisfies Record<Way, (map: tf.Tensor4D) => tf.Tensor4D>;

/** Tokens of a map `[B, H W, C]` as tokens of the doubled map: `[B, 4 H W, C / 4]` by pixel shuffle, `[B, 4 H W, C]` by bicubic. */
export function enlarge(x: tf.Tensor3D, [height, width]: readonly [number, number], way: Way): tf.Tensor3D {
  const [batch, , channels] = x.shape;
  const map = ways[way](tf.reshape(x, [batch, height, width, channels]));
  return tf.reshape(map, [batch, map.shape[1] * map.shape[2], map.shape[3]]) as tf.Tensor3D;
}

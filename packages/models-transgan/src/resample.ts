import { alongAxes, pixelShuffle } from "@ganymede/core/nn";
import * as tf from "@tensorflow/tfjs-core";
import type { StageConfig } from "./config.js";

/** Keys' cubic kernel at distance t. */
function cubic(t: number, a: number): number {
  const x = Math.abs(t);
  if (x <= 1) return ((a + 2) * x - (a + 3)) * x * x + 1;
  return x < 2 ? ((a * x - 5 * a) * x + 8 * a) * x - 4 * a : 0;
}

/**
 * The matrix `[size factor, size]` that enlarges a line by bicubic interpolation: centres of pixels on centres, a = -0.75, the border
 * repeated, as in PyTorch.
 *
 * Source: Keys 1981, IEEE Transactions on Acoustics, Speech, and Signal Processing 29(6).
 */
export function bicubicMatrix(size: number, factor: number, a = -0.75): number[][] {
  return Array.from({ length: size * factor }, (_, place) => {
    const from = (place + 0.5) / factor - 0.5;
    const row = new Array<number>(size).fill(0);
    for (let tap = Math.floor(from) - 1; tap < Math.floor(from) + 3; tap++) {
      const pixel = Math.min(Math.max(tap, 0), size - 1);
      row[pixel] = (row[pixel] ?? 0) + cubic(from - tap, a);
    }
    return row;
  });
}

/** The matrix `[size, size]` of a line enlarged `factor` times and averaged back. */
export function smoothingMatrix(size: number, factor = 4): number[][] {
  const enlarged = bicubicMatrix(size, factor);
  return Array.from({ length: size }, (_, place) => {
    const rows = enlarged.slice(place * factor, (place + 1) * factor);
    return Array.from({ length: size }, (_value, pixel) =>
      rows.reduce((sum, row) => sum + (row[pixel] ?? 0) / factor, 0),
    );
  });
}

/** The matrix `[size / 2, size]` of means of three pixels at a stride of two, with a zero before the first. */
export function halvingMatrix(size: number): number[][] {
  return Array.from({ length: size / 2 }, (_, place) =>
    Array.from({ length: size }, (_value, pixel) => (Math.abs(pixel - 2 * place) <= 1 ? 1 / 3 : 0)),
  );
}

/** Multiplies the rows and the columns of a map by matrices that are made for their lengths: x `[B, H, W, C]` to `[B, H', W', C]`. */
export function resample(x: tf.Tensor4D, matrix: (size: number) => number[][]): tf.Tensor4D {
  return alongAxes(x, tf.tensor2d(matrix(x.shape[1])), tf.tensor2d(matrix(x.shape[2])));
}

/** The ways of a stage, and `smooth` alone: enlarged four times and averaged back, the size kept. */
const ways = {
  none: (map) => map,
  smooth: (map) => resample(map, smoothingMatrix),
  "pixel-shuffle": (map) => pixelShuffle(map, 2),
  bicubic: (map) => resample(map, (size) => bicubicMatrix(size, 2)),
  "smooth-pixel-shuffle": (map) => pixelShuffle(resample(map, smoothingMatrix), 2),
} satisfies Record<StageConfig["enlarge"] | "smooth", (map: tf.Tensor4D) => tf.Tensor4D>;

/** Tokens of a map `[B, H W, C]` as tokens of the doubled map: `[B, 4 H W, C / 4]` by pixel shuffle, `[B, 4 H W, C]` by bicubic. */
export function enlarge(x: tf.Tensor3D, [height, width]: readonly [number, number], way: keyof typeof ways) {
  const [batch, , channels] = x.shape;
  const map = ways[way](tf.reshape(x, [batch, height, width, channels]));
  return tf.reshape<tf.Rank.R3>(map, [batch, map.shape[1] * map.shape[2], map.shape[3]]);
}

import * as tf from "@tensorflow/tfjs-core";
import { GanymedeError } from "../errors/ganymede-error.js";

/** Cosines and sines of the angles of every pixel, `[N, D / 2]` each: half of the pairs rotate with the row, half with the column. */
function angles(rows: number, columns: number, width: number, base: number) {
  const perAxis = width / 4;
  const values = Float32Array.from({ length: rows * columns * 2 * perAxis }, (_, place) => {
    const [token, pair] = [Math.floor(place / (2 * perAxis)), place % (2 * perAxis)];
    const position = pair < perAxis ? Math.floor(token / columns) : token % columns;
    return position * base ** (-(pair % perAxis) / perAxis);
  });
  const shape: [number, number] = [rows * columns, 2 * perAxis];
  return { cosines: tf.tensor2d(values.map(Math.cos), shape), sines: tf.tensor2d(values.map(Math.sin), shape) };
}

/**
 * Rotary position embedding on a grid: features m and m + D / 2 of a token rotate by the angle row base^(-4m / D) for the first half of
 * the pairs and column base^(-4m / D) for the second. Products of queries and keys then depend only on the offset of their pixels.
 *
 * Shapes: x `[B, H, N, D]` to the same, N = rows columns, D a multiple of 4.
 * Source: Su et al. 2021, RoFormer, arXiv 2104.09864, section 3.2; axis by axis as in Heo et al. 2024, arXiv 2403.13298, section 3.
 */
export function rotary(x: tf.Tensor4D, [rows, columns]: readonly [number, number], base = 100): tf.Tensor4D {
  const [, , tokens, width] = x.shape;
  if (width % 4 !== 0 || tokens !== rows * columns) {
    throw new GanymedeError(
      "invalid-argument",
      `rotary: the width must be a multiple of 4 and the tokens rows x columns, got ${width} and ${tokens} for ${rows}x${columns}`,
    );
  }
  const { cosines, sines } = angles(rows, columns, width, base);
  const [left, right] = tf.split(x, 2, 3) as [tf.Tensor4D, tf.Tensor4D];
  return tf.concat(
    [tf.sub(tf.mul(left, cosines), tf.mul(right, sines)), tf.add(tf.mul(left, sines), tf.mul(right, cosines))],
    3,
  ) as tf.Tensor4D;
}

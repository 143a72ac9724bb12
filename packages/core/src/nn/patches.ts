import * as tf from "@tensorflow/tfjs-core";
import { GanymedeError } from "../errors/ganymede-error.js";

/** Splits images into square patches: `[B, H, W, C]` to `[B, H / size, W / size, size size C]`, pixels of a patch row-major. */
export function splitPatches(images: tf.Tensor4D, size: number): tf.Tensor4D {
  const [batch, height, width, channels] = images.shape;
  if (height % size !== 0 || width % size !== 0) {
    throw new GanymedeError(
      "invalid-argument",
      `splitPatches: the patch size must divide height and width, got ${size} and ${height}x${width}`,
    );
  }
  const rows = height / size;
  const columns = width / size;
  const cut = tf.reshape(images, [batch, rows, size, columns, size, channels]);
  return tf.reshape(tf.transpose(cut, [0, 1, 3, 2, 4, 5]), [batch, rows, columns, size * size * channels]);
}

/** Inverse of `splitPatches`: `[B, rows, columns, size size C]` to `[B, rows size, columns size, C]`. */
export function joinPatches(patches: tf.Tensor4D, size: number): tf.Tensor4D {
  const [batch, rows, columns, values] = patches.shape;
  const channels = values / size ** 2;
  const apart = tf.reshape(patches, [batch, rows, columns, size, size, channels]);
  return tf.reshape(tf.transpose(apart, [0, 1, 3, 2, 4, 5]), [batch, rows * size, columns * size, channels]);
}

/**
 * Overlapping windows of side 2P at stride P with P / 2 pixels of zero padding: `[B, H, W, C]` to `[B, H / P, W / P, 4 P P C]`.
 * A window is four neighbouring P x P blocks of the padded image (upper left, upper right, lower left, lower right), so neither
 * gather nor convolution is needed.
 *
 * Source: Lee et al. 2022, ViTGAN, arXiv 2107.04589, section 3.1 (overlap o = P / 2).
 */
export function overlappingPatches(images: tf.Tensor4D, size: number): tf.Tensor4D {
  if (size % 2 !== 0) {
    throw new GanymedeError("invalid-argument", `overlappingPatches: the patch size must be even, got ${size}`);
  }
  const margin: [number, number] = [size / 2, size / 2];
  const blocks = splitPatches(tf.pad4d(images, [[0, 0], margin, margin, [0, 0]]), size); // [B, n + 1, m + 1, P P C]
  const [batch, rows, columns, values] = blocks.shape;
  const corners: readonly (readonly [number, number])[] = [
    [0, 0],
    [0, 1],
    [1, 0],
    [1, 1],
  ];
  return tf.concat(
    corners.map(([row, column]) => tf.slice4d(blocks, [0, row, column, 0], [batch, rows - 1, columns - 1, values])),
    3,
  );
}

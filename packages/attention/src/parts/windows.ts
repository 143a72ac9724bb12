import type { AttentionGroups } from "@ganymede/core/nn";
import { joinPatches, splitPatches } from "@ganymede/core/nn";
import * as tf from "@tensorflow/tfjs-core";

/** Cuts a map into square windows, each a list of tokens: [B, H, W, C] -> [B H W / size^2, size^2, C]. */
export function toWindows(map: tf.Tensor4D, size: number): tf.Tensor3D {
  const [batch, height, width, channels] = map.shape;
  const cut = splitPatches(map, size); // [B, H / size, W / size, size size C]
  return tf.reshape(cut, [(batch * height * width) / size ** 2, size ** 2, channels]);
}

/** Undoes `toWindows` for a map of this height and width. */
export function fromWindows(windows: tf.Tensor3D, size: number, height: number, width: number): tf.Tensor4D {
  const [count, , channels] = windows.shape;
  const [rows, columns] = [height / size, width / size];
  const cut = tf.reshape(windows, [count / (rows * columns), rows, columns, size * size * channels]);
  return joinPatches(cut as tf.Tensor4D, size);
}

/** Moves a map cyclically up and to the left: y[h, w] = x[(h + by) mod H, (w + by) mod W]; a negative `by` moves it back. */
export function roll(map: tf.Tensor4D, by: number): tf.Tensor4D {
  return [1, 2].reduce((x, axis) => {
    const size = map.shape[axis] as number;
    const cut = ((by % size) + size) % size;
    if (cut === 0) return x;
    const [first, rest] = tf.split(x, [cut, size - cut], axis) as [tf.Tensor4D, tf.Tensor4D];
    return tf.concat([rest, first], axis);
  }, map);
}

/** The windows of a map that `roll` moved by `shift` before it was cut, as groups of the map's tokens. */
export function windowGroups(height: number, width: number, size: number, shift = 0): AttentionGroups {
  const across = width / size;
  const wrap = (at: number, length: number) => ((at % length) + length) % length;
  return {
    grid: [height, width],
    groups: (height / size) * across,
    place(token) {
      const row = wrap(Math.floor(token / width) - shift, height);
      const column = wrap((token % width) - shift, width);
      const group = Math.floor(row / size) * across + Math.floor(column / size);
      return { group, position: (row % size) * size + (column % size) };
    },
    tokens: (group) =>
      Array.from({ length: size ** 2 }, (_, position) => {
        const row = Math.floor(group / across) * size + Math.floor(position / size);
        const column = (group % across) * size + (position % size);
        return wrap(row + shift, height) * width + wrap(column + shift, width);
      }),
  };
}

import * as tf from "@tensorflow/tfjs-core";

/** One number per sample, or one for all. */
export type Entry = tf.Tensor1D | number;

/** Square matrices `[B, n, n]` from their entries, row by row. */
export function matrices(batch: number, rows: readonly (readonly Entry[])[]): tf.Tensor3D {
  const column = (entry: Entry): tf.Tensor1D => (typeof entry === "number" ? tf.fill([batch], entry) : entry);
  const flat = tf.stack(rows.flat().map(column), 1);
  return tf.reshape(flat, [batch, rows.length, rows.length]);
}

/** In the plane: x' = x + dx, y' = y + dy. */
export function translate2d(batch: number, dx: Entry, dy: Entry): tf.Tensor3D {
  return matrices(batch, [
    [1, 0, dx],
    [0, 1, dy],
    [0, 0, 1],
  ]);
}

/** x' = sx x, y' = sy y. */
export function scale2d(batch: number, sx: Entry, sy: Entry): tf.Tensor3D {
  return matrices(batch, [
    [sx, 0, 0],
    [0, sy, 0],
    [0, 0, 1],
  ]);
}

/** Rotation by an angle in radians. */
export function rotate2d(batch: number, angle: tf.Tensor1D): tf.Tensor3D {
  const [cosine, sine] = [tf.cos(angle), tf.sin(angle)];
  return matrices(batch, [
    [cosine, tf.neg(sine), 0],
    [sine, cosine, 0],
    [0, 0, 1],
  ]);
}

/** In colour space: adds `by` to every channel. */
export function translate3d(batch: number, by: Entry): tf.Tensor3D {
  return matrices(batch, [
    [1, 0, 0, by],
    [0, 1, 0, by],
    [0, 0, 1, by],
    [0, 0, 0, 1],
  ]);
}

/** Scales by `along` along the grey axis (1, 1, 1) / sqrt(3) and by `across` across it. */
export function stretchGrey(batch: number, along: Entry, across: Entry): tf.Tensor3D {
  const third = (factor: Entry): Entry => (typeof factor === "number" ? factor / 3 : tf.div(factor, 3));
  const [a, c] = [third(along), third(across)];
  const sum = (x: Entry, y: Entry, times: number): Entry => tf.add(x, tf.mul(y, times)) as tf.Tensor1D;
  const [same, other] = [sum(a, c, 2), sum(a, c, -1)];
  return matrices(batch, [
    [same, other, other, 0],
    [other, same, other, 0],
    [other, other, same, 0],
    [0, 0, 0, 1],
  ]);
}

/** Rotation about the grey axis by an angle in radians (Rodrigues' formula): hues change, greys do not. */
export function rotateHue(batch: number, angle: tf.Tensor1D): tf.Tensor3D {
  const [cosine, sine] = [tf.cos(angle), tf.div(tf.sin(angle), Math.sqrt(3))];
  const shared = tf.div(tf.sub(1, cosine), 3);
  const [same, plus, minus] = [tf.add(shared, cosine), tf.add(shared, sine), tf.sub(shared, sine)] as tf.Tensor1D[];
  return matrices(batch, [
    [same!, minus!, plus!, 0],
    [plus!, same!, minus!, 0],
    [minus!, plus!, same!, 0],
    [0, 0, 0, 1],
  ]);
}

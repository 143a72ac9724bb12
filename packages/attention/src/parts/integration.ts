import * as tf from "@tensorflow/tfjs-core";

/** How attention changes the tokens that asked: they are normalised, then scaled or shifted by a control linear in what was read. */
export interface Integration {
  /** Width of the control, in widths of a token. */
  readonly controls: 1 | 2;
  /** Whether the mean is taken away before. */
  readonly centres: boolean;
  /** Whether the tokens are brought to mean square 1 before. */
  readonly scales: boolean;
  /** Tokens [B, N, C] and control [B, N, controls C] -> [B, N, C]. */
  apply(x: tf.Tensor3D, control: tf.Tensor3D): tf.Tensor3D;
}

/** y = x (1 + control). */
const multiply: Integration = {
  controls: 1,
  centres: false,
  scales: true,
  apply: (x, control) => tf.mul(x, tf.add(control, 1)),
};

/** y = x + control. */
const add: Integration = {
  controls: 1,
  centres: true,
  scales: false,
  apply: (x, control) => tf.add(x, control),
};

/** y = x (1 + first half of control) + second half. */
const both: Integration = {
  controls: 2,
  centres: true,
  scales: true,
  apply(x, control) {
    const width = control.shape[2] / 2;
    const half = (from: number) => tf.slice3d(control, [0, 0, from], [-1, -1, width]);
    const [gain, shift] = [half(0), half(width)];
    return tf.add(tf.mul(x, tf.add(gain, 1)), shift);
  },
};

/** y = control: an update of tokens that stay as they are. */
const update: Integration = { controls: 1, centres: false, scales: false, apply: (_, control) => tf.clone(control) };

/** By their names in a configuration, and `update` for attention that changes nothing itself. */
export const integrations = { multiply, add, both, update };

/** Over the channels of each token, or over all tokens of each channel. */
type NormKind = "layer" | "instance";

/** Takes the mean away and divides by the root mean square, each if the integration asks for it. */
export function normalizeFor(
  x: tf.Tensor3D,
  kind: NormKind | null,
  { centres, scales }: Integration,
  epsilon = 1e-8,
): tf.Tensor3D {
  if (kind === null) return x;
  const axis = kind === "layer" ? 2 : 1;
  const centred: tf.Tensor3D = centres ? tf.sub(x, tf.mean(x, axis, true)) : x;
  if (!scales) return centred;
  return tf.mul(centred, tf.rsqrt(tf.add(tf.mean(tf.square(centred), axis, true), epsilon)));
}

import type { Key } from "@ganymede/core";
import { fold, normal, uniform } from "@ganymede/core";
import * as tf from "@tensorflow/tfjs-core";

/** Low-pass filter of the symlet with two vanishing moments. */
const symlet = [-0.12940952255092145, 0.22414386804185735, 0.836516303737469, 0.48296291314469025];

function convolve(a: readonly number[], b: readonly number[]): number[] {
  const out = new Array<number>(a.length + b.length - 1).fill(0);
  a.forEach((x, i) => {
    b.forEach((y, j) => {
      out[i + j] = (out[i + j] as number) + x * y;
    });
  });
  return out;
}

/** H(z) H(1 / z) / 2. */
function halfBand(filter: readonly number[]): number[] {
  return convolve(filter, [...filter].reverse()).map((value) => value / 2);
}

/** Inserts zeros between the taps. */
function spread(filter: readonly number[]): number[] {
  return filter.flatMap((value, i) => (i === filter.length - 1 ? [value] : [value, 0]));
}

/**
 * Four filters that sum to the identity: the lowest octaves together, then one octave each. `[4][43]`.
 *
 * Source: Karras et al. 2020, StyleGAN2-ADA, arXiv 2006.06676, appendix B, "image-space filtering".
 */
export function filterBank(bands = 4): number[][] {
  const low = halfBand(symlet);
  const high = halfBand(symlet.map((value, i) => (i % 2 === 0 ? value : -value)));
  let bank = Array.from({ length: bands }, (_, band) => [band === 0 ? 1 : 0]);
  for (let band = 1; band < bands; band++) {
    bank = bank.map((filter) => convolve(spread(filter), low));
    const inner = bank[band] as number[];
    const first = (inner.length - high.length) / 2;
    high.forEach((value, i) => {
      inner[first + i] = (inner[first + i] as number) + value;
    });
  }
  return bank;
}

const bank = filterBank();
const taps = (bank[0] as number[]).length;

/** Index of the pixel that a position outside the image mirrors. */
function mirrored(place: number, side: number): number {
  const period = 2 * (side - 1);
  const at = ((place % period) + period) % period;
  return at < side ? at : period - at;
}

/** Gather matrices by tap, `[taps, side side]` of 0 and 1: the source of each pixel of a line, mirrored at the border. */
function readers(side: number): tf.Tensor2D {
  const values = new Float32Array(taps * side * side);
  for (let tap = 0; tap < taps; tap++) {
    for (let pixel = 0; pixel < side; pixel++) {
      values[(tap * side + pixel) * side + mirrored(pixel + tap - (taps - 1) / 2, side)] = 1;
    }
  }
  return tf.tensor2d(values, [taps, side * side]);
}

/**
 * Filters every image with its own gain in each octave: x `[B, H, W, C]`, gains `[B, 4]`; gains of 1 are the identity. Two matrix products,
 * for rows and columns, so it is linear in the image and differentiable to any order.
 */
export function amplifyBands(x: tf.Tensor4D, gains: tf.Tensor2D): tf.Tensor4D {
  const [batch, height, width, channels] = x.shape;
  const filters = tf.matMul(gains, tf.tensor2d(bank)); // [B, taps]
  const along = (side: number) => tf.reshape(tf.matMul(filters, readers(side)), [batch, side, side]) as tf.Tensor3D;
  const rows = tf.matMul(along(height), tf.reshape(x, [batch, height, width * channels]));
  const columnsFirst = tf.transpose(tf.reshape(rows, [batch, height, width, channels]), [0, 2, 1, 3]);
  const done = tf.matMul(along(width), tf.reshape(columnsFirst, [batch, width, height * channels]));
  return tf.transpose(tf.reshape(done, [batch, width, height, channels]), [0, 2, 1, 3]) as tf.Tensor4D;
}

/** Expected power in each octave of natural images; gains are normalised to keep its sum. */
const power = [10, 1, 1, 1].map((value) => value / 13);

/**
 * Gains `[B, 4]`: each octave is scaled with probability `chance` by 2^N(0, 1), and the total power of natural images is kept after each.
 *
 * Source: see `filterBank`.
 */
export function bandGains(key: Key, batch: number, chance: tf.Tensor | number): tf.Tensor2D {
  const steps = bank.map((_, band) => {
    const own = fold(key, band);
    const chosen = tf.cast(tf.less(uniform(fold(own, "coin"), [batch, 1]), chance), "float32");
    const gain = tf.exp(tf.mul(tf.mul(normal(fold(own, "gain"), [batch, 1]), chosen), Math.LN2)); // [B, 1]
    const place = tf.tensor2d([bank.map((_filter, i) => (i === band ? 1 : 0))]); // [1, 4]
    const gains = tf.add(1, tf.mul(place, tf.sub(gain, 1))); // [B, 4]
    return tf.mul(gains, tf.rsqrt(tf.sum(tf.mul(tf.square(gains), tf.tensor2d([power])), 1, true)));
  });
  return steps.reduce((product, step) => tf.mul(product, step)) as tf.Tensor2D;
}

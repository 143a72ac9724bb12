import { fillDraw, fold, type Key } from "@ganymede/core";

/** Descriptors in rows. */
export interface Descriptors {
  readonly rows: Float32Array;
  readonly count: number;
}

/** Random unit directions, row-major `[count, width]`. */
export function directions(key: Key, count: number, width: number): Float32Array {
  const out = new Float32Array(count * width);
  fillDraw(out, { kind: "normal", mean: 0, deviation: 1 }, key);
  for (let i = 0; i < count; i++) {
    const row = out.subarray(i * width, (i + 1) * width);
    const norm = Math.sqrt(row.reduce((sum, value) => sum + value * value, 0));
    for (let j = 0; j < width; j++) row[j] = row[j]! / norm;
  }
  return out;
}

/** Directions projected at a time: four independent sums. */
const lanes = 4;

/** Sorted projections of all rows on four consecutive directions of `all`. */
function project({ rows, count }: Descriptors, all: Float32Array, width: number): Float32Array[] {
  const out = Array.from({ length: lanes }, () => new Float32Array(count));
  const [o0, o1, o2, o3] = out as [Float32Array, Float32Array, Float32Array, Float32Array];
  for (let i = 0; i < count; i++) {
    let [s0, s1, s2, s3] = [0, 0, 0, 0];
    for (let j = 0, at = i * width; j < width; j++, at++) {
      const x = rows[at]!;
      s0 += x * all[j]!;
      s1 += x * all[width + j]!;
      s2 += x * all[2 * width + j]!;
      s3 += x * all[3 * width + j]!;
    }
    o0[i] = s0;
    o1[i] = s1;
    o2[i] = s2;
    o3[i] = s3;
  }
  return out.map((projections) => projections.sort());
}

/** First Wasserstein distance of two sorted samples of any sizes: the area between their quantile functions. */
export function sortedDistance(a: Float32Array, b: Float32Array): number {
  let [i, j, at, area] = [0, 0, 0, 0];
  while (i < a.length && j < b.length) {
    const next = Math.min((i + 1) / a.length, (j + 1) / b.length);
    area += (next - at) * Math.abs(a[i]! - b[j]!);
    at = next;
    // Compared as integers, because equal fractions of two counts may differ by rounding.
    const order = (i + 1) * b.length - (j + 1) * a.length;
    if (order <= 0) i++;
    if (order >= 0) j++;
  }
  return area;
}

/**
 * Sliced Wasserstein distance: the mean over random directions of the first Wasserstein distance of the projections.
 *
 * Source: Rabin et al. 2011. The key determines the directions, 4 * `quarter` of them.
 */
export function slicedDistance(a: Descriptors, b: Descriptors, width: number, quarter: number, key: Key): number {
  const all = directions(fold(key, "directions"), lanes * quarter, width);
  let sum = 0;
  for (let first = 0; first < quarter; first++) {
    const part = all.subarray(first * lanes * width, (first + 1) * lanes * width);
    const [left, right] = [project(a, part, width), project(b, part, width)];
    for (let lane = 0; lane < lanes; lane++) sum += sortedDistance(left[lane]!, right[lane]!);
  }
  return sum / (lanes * quarter);
}

import type { Histogram } from "./event-file.js";

/** Number of buckets between the smallest and the largest value. */
const buckets = 30;

/** Counts of values in buckets of equal width; non-finite values are skipped. */
export function histogramOf(values: Float32Array): Histogram {
  const finite = values.filter(Number.isFinite);
  const min = finite.reduce((a, b) => Math.min(a, b), Number.POSITIVE_INFINITY);
  const max = finite.reduce((a, b) => Math.max(a, b), Number.NEGATIVE_INFINITY);
  if (finite.length === 0) return { min: 0, max: 0, count: 0, sum: 0, sumOfSquares: 0, limits: [0], counts: [0] };
  const width = (max - min) / buckets;
  const count = width === 0 ? 1 : buckets;
  const counts = Array.from({ length: count }, () => 0);
  let sum = 0;
  let sumOfSquares = 0;
  for (const value of finite) {
    const at = width === 0 ? 0 : Math.min(count - 1, Math.floor((value - min) / width));
    counts[at] = (counts[at] as number) + 1;
    sum += value;
    sumOfSquares += value * value;
  }
  const limits = counts.map((_, i) => (i === count - 1 ? max : min + (i + 1) * width));
  return { min, max, count: finite.length, sum, sumOfSquares, limits, counts };
}

import { GanymedeError, type MetricState } from "@ganymede/core";

/** Streaming sums of features in float64; those of parts of a set add up to those of the set. */
export interface FeatureStatistics extends MetricState {
  count: number;
  readonly dims: number;
  /** Sum of x, `[dims]`. */
  readonly sum: Float64Array;
  /** Sum of x x^T, `[dims, dims]`; only the lower triangle is valid. */
  readonly products: Float64Array;
}

/** Mean `[dims]` and unbiased covariance `[dims, dims]` of features. */
export interface Moments {
  readonly mean: Float64Array;
  readonly covariance: Float64Array;
}

/** Sums over no features. */
export function startFeatureStatistics(dims: number): FeatureStatistics {
  return { count: 0, dims, sum: new Float64Array(dims), products: new Float64Array(dims * dims) };
}

/** products += x x^T for four features at a time, which loads and stores each sum a quarter as often. */
function addFour(products: Float64Array, x: Float64Array, dims: number): void {
  for (let i = 0; i < dims; i++) {
    const row = products.subarray(i * dims, i * dims + i + 1);
    const x0 = x[i]!;
    const x1 = x[dims + i]!;
    const x2 = x[2 * dims + i]!;
    const x3 = x[3 * dims + i]!;
    for (let j = 0; j <= i; j++) {
      row[j] = row[j]! + x0 * x[j]! + x1 * x[dims + j]! + x2 * x[2 * dims + j]! + x3 * x[3 * dims + j]!;
    }
  }
}

/**
 * Adds features `[n, dims]` to the sums.
 *
 * @throws GanymedeError `invalid-argument` if the features are not whole rows, `non-finite` for a non-finite feature.
 */
export function addFeatures(state: FeatureStatistics, features: Float32Array | Float64Array): void {
  const { dims, sum, products } = state;
  if (features.length % dims !== 0) {
    throw new GanymedeError(
      "invalid-argument",
      `addFeatures: features must come in rows of ${dims}, got ${features.length} values`,
    );
  }
  const bad = features.findIndex((value) => !Number.isFinite(value));
  if (bad >= 0) {
    throw new GanymedeError(
      "non-finite",
      `addFeatures: features must be finite, got ${features[bad]} in row ${Math.floor(bad / dims)}; check the images`,
    );
  }
  for (let i = 0; i < features.length; i++) sum[i % dims] = sum[i % dims]! + features[i]!;
  const block = new Float64Array(4 * dims);
  for (let begin = 0; begin < features.length; begin += 4 * dims) {
    // A partial last block is padded with zeros, which add nothing.
    block.fill(0).set(features.subarray(begin, begin + 4 * dims));
    addFour(products, block, dims);
  }
  state.count += features.length / dims;
}

/**
 * Mean and unbiased covariance (divided by n - 1), like NumPy's `cov`.
 *
 * @throws GanymedeError `invalid-argument` for fewer than two features.
 */
export function moments({ count, dims, sum, products }: FeatureStatistics): Moments {
  if (count < 2) {
    throw new GanymedeError(
      "invalid-argument",
      `moments: a covariance needs at least 2 images, got ${count}; add more`,
    );
  }
  const mean = sum.map((value) => value / count);
  const covariance = new Float64Array(dims * dims);
  for (let i = 0; i < dims; i++) {
    for (let j = 0; j <= i; j++) {
      const value = (products[i * dims + j]! - count * mean[i]! * mean[j]!) / (count - 1);
      covariance[i * dims + j] = value;
      covariance[j * dims + i] = value;
    }
  }
  return { mean, covariance };
}

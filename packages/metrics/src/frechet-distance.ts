import { GanymedeError } from "@ganymede/core";
import { multiplyTransposed } from "./linear-algebra/multiply-transposed.js";
import { type PivotedCholesky, pivotedCholesky } from "./linear-algebra/pivoted-cholesky.js";
import { symmetricEigenvalues } from "./linear-algebra/symmetric-eigenvalues.js";
import type { Moments } from "./statistics/feature-statistics.js";

/** Rows and columns of `s` in pivot order. */
function permute(s: Float64Array, n: number, pivots: Int32Array): Float64Array {
  const out = new Float64Array(n * n);
  for (let i = 0; i < n; i++) {
    const row = pivots[i]! * n;
    for (let j = 0; j < n; j++) out[i * n + j] = s[row + pivots[j]!]!;
  }
  return out;
}

/**
 * tr sqrt(S1 S2) = sum of the square roots of the eigenvalues of L^T S2 L, where S1 = L L^T: S1 S2 and L^T S2 L have the
 * same eigenvalues, and the latter is symmetric. Negative ones, which are rounding errors, count as 0.
 */
function traceOfRoot({ factor, rank, pivots }: PivotedCholesky, other: Float64Array, n: number): number {
  const triangular = { from: (row: number) => row, wanted: () => n };
  const half = multiplyTransposed(factor, permute(other, n, pivots), rank, n, n, triangular);
  const lower = { from: (row: number) => row, wanted: (row: number) => row + 1 };
  const product = multiplyTransposed(factor, half, rank, rank, n, lower);
  return symmetricEigenvalues(product, rank).reduce((sum, value) => sum + Math.sqrt(Math.max(0, value)), 0);
}

function trace(s: Float64Array, n: number): number {
  let sum = 0;
  for (let i = 0; i < n; i++) sum += s[i * n + i]!;
  return sum;
}

/**
 * Frechet distance of two Gaussians, |m1 - m2|^2 + tr(S1 + S2 - 2 sqrt(S1 S2)), in float64. Zero for equal moments, else
 * positive up to rounding; covariances may be singular.
 *
 * Source: Heusel et al. 2017, arXiv 1706.08500, equation 6. The trace of the square root is computed from a symmetric eigenvalue problem
 * instead of a general matrix square root.
 * @throws GanymedeError `invalid-argument` if the two have different sizes.
 */
export function frechetDistance(a: Moments, b: Moments): number {
  const n = a.mean.length;
  if (b.mean.length !== n) {
    throw new GanymedeError(
      "invalid-argument",
      `frechetDistance: both sides must have features of one size, got ${n} and ${b.mean.length}`,
    );
  }
  const means = a.mean.reduce((sum, value, i) => sum + (value - b.mean[i]!) ** 2, 0);
  const first = pivotedCholesky(a.covariance, n);
  const second = pivotedCholesky(b.covariance, n);
  // The factor of lower rank gives the smaller problem and no eigenvalues that are only rounding errors.
  const root = first.rank <= second.rank ? traceOfRoot(first, b.covariance, n) : traceOfRoot(second, a.covariance, n);
  return means + trace(a.covariance, n) + trace(b.covariance, n) - 2 * root;
}

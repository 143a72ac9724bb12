export interface PivotedCholesky {
  /** L^T, row-major `[rank, n]`: row k is column k of L, in pivot order, zero before its column k. */
  readonly factor: Float64Array;
  readonly rank: number;
  /** S[pivots[i]][pivots[j]] = (L L^T)[i][j]. */
  readonly pivots: Int32Array;
}

function swap(values: Float64Array | Int32Array, i: number, j: number): void {
  const kept = values[i]!;
  values[i] = values[j]!;
  values[j] = kept;
}

/**
 * P S P^T = L L^T of a positive semi-definite matrix, choosing the largest remaining diagonal entry first and stopping when
 * only rounding errors remain: singular covariances (fewer images than features) are factored exactly at their rank.
 *
 * Source: Higham, Accuracy and Stability of Numerical Algorithms, 2nd edition, section 10.3.
 * @param s `[n, n]`; read only.
 */
export function pivotedCholesky(s: Float64Array, n: number): PivotedCholesky {
  const pivots = Int32Array.from({ length: n }, (_, i) => i);
  const left = Float64Array.from({ length: n }, (_, i) => s[i * n + i]!);
  const factor = new Float64Array(n * n);
  const tolerance = n * Number.EPSILON * left.reduce((most, value) => Math.max(most, value), 0);
  for (let k = 0; k < n; k++) {
    let best = k;
    for (let i = k + 1; i < n; i++) if (left[i]! > left[best]!) best = i;
    if (!(left[best]! > tolerance)) return { factor: factor.slice(0, k * n), rank: k, pivots };
    swap(pivots, k, best);
    swap(left, k, best);
    for (let row = 0; row < k; row++) swap(factor.subarray(row * n, (row + 1) * n), k, best);
    const own = factor.subarray(k * n, (k + 1) * n);
    const source = pivots[k]! * n;
    for (let i = k + 1; i < n; i++) own[i] = s[source + pivots[i]!]!;
    for (let row = 0; row < k; row++) {
      const above = factor.subarray(row * n, (row + 1) * n);
      const weight = above[k]!;
      for (let i = k + 1; i < n; i++) own[i] = own[i]! - weight * above[i]!;
    }
    const pivot = Math.sqrt(left[k]!);
    own[k] = pivot;
    for (let i = k + 1; i < n; i++) {
      own[i] = own[i]! / pivot;
      left[i] = left[i]! - own[i]! * own[i]!;
    }
  }
  return { factor, rank: n, pivots };
}

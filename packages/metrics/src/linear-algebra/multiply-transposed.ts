/** Nonzero and needed entries of a product; skips the zeros of triangular factors. */
interface Extent {
  /** First column at which row i of A may be nonzero. */
  from(row: number): number;
  /** Number of entries of row i of the product that are needed. */
  wanted(row: number): number;
}

/**
 * C = A B^T in float64, for row-major A [m, k] and B [n, k]: every entry is a dot product of two contiguous rows.
 *
 * Four rows of B at a time: four independent sums make the loop fast.
 */
export function multiplyTransposed(
  a: Float64Array,
  b: Float64Array,
  m: number,
  n: number,
  k: number,
  extent: Extent = { from: () => 0, wanted: () => n },
): Float64Array {
  const out = new Float64Array(m * n);
  for (let i = 0; i < m; i++) {
    const rowA = a.subarray(i * k, (i + 1) * k);
    const from = extent.from(i);
    const wanted = extent.wanted(i);
    let j = 0;
    for (; j + 4 <= wanted; j += 4) {
      const b0 = j * k;
      const b1 = b0 + k;
      const b2 = b1 + k;
      const b3 = b2 + k;
      let s0 = 0;
      let s1 = 0;
      let s2 = 0;
      let s3 = 0;
      for (let l = from; l < k; l++) {
        const x = rowA[l]!;
        s0 += x * b[b0 + l]!;
        s1 += x * b[b1 + l]!;
        s2 += x * b[b2 + l]!;
        s3 += x * b[b3 + l]!;
      }
      out[i * n + j] = s0;
      out[i * n + j + 1] = s1;
      out[i * n + j + 2] = s2;
      out[i * n + j + 3] = s3;
    }
    for (; j < wanted; j++) {
      let sum = 0;
      for (let l = from; l < k; l++) sum += rowA[l]! * b[j * k + l]!;
      out[i * n + j] = sum;
    }
  }
  return out;
}

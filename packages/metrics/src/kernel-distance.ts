import { GanymedeError } from "@ganymede/core";
import { multiplyTransposed } from "./linear-algebra/multiply-transposed.js";
import { numpyRandom } from "./numpy-random.js";

/** k(a, b) = (a.b / dims + offset)^degree. */
export interface PolynomialKernel {
  readonly degree: number;
  readonly offset: number;
}

/** The kernel of the Kernel Inception Distance. */
export const cubicKernel: PolynomialKernel = { degree: 3, offset: 1 };

/** Rows of features, `[count, dims]`. */
export interface Rows {
  readonly values: Float32Array;
  readonly dims: number;
}

/** Random subsets over which the distance is averaged. */
export interface KernelDistanceOptions {
  readonly subsets: number;
  readonly subsetSize: number;
  /** Seed of NumPy's legacy generator, which the published code uses to draw subsets. */
  readonly seed: number;
}

/** Sum of k(a_i, b_j) over all pairs of rows; without the pairs i = j if `apart`. */
function kernelSum(a: Float32Array[], b: Float32Array[], { degree, offset }: PolynomialKernel, apart: boolean): number {
  const dims = a[0]?.length ?? 0;
  const dots = multiplyTransposed(packed(a), packed(b), a.length, b.length, dims);
  let total = 0;
  for (let at = 0; at < dots.length; at++) {
    const same = apart && Math.floor(at / b.length) === at % b.length;
    if (!same) total += (dots[at]! / dims + offset) ** degree;
  }
  return total;
}

/** Concatenated rows in float64. */
function packed(rows: Float32Array[]): Float64Array {
  const out = new Float64Array(rows.length * (rows[0]?.length ?? 0));
  for (const [i, row] of rows.entries()) out.set(row, i * row.length);
  return out;
}

/**
 * Unbiased squared maximum mean discrepancy of two sets of m rows each:
 * (sum over i != j of K11 + of K22) / (m (m - 1)) - 2 sum K12 / m^2. May be slightly negative.
 *
 * Source: Binkowski et al. 2018, arXiv 1801.01401, section 4, after Gretton et al. 2012, equation 3.
 */
export function squaredDiscrepancy(
  a: Float32Array[],
  b: Float32Array[],
  kernel: PolynomialKernel = cubicKernel,
): number {
  const m = a.length;
  if (b.length !== m || m < 2) {
    throw new GanymedeError(
      "invalid-argument",
      `squaredDiscrepancy: both sets must have the same 2 or more rows, got ${m} and ${b.length}`,
    );
  }
  const within = kernelSum(a, a, kernel, true) + kernelSum(b, b, kernel, true);
  return within / (m * (m - 1)) - (2 * kernelSum(a, b, kernel, false)) / (m * m);
}

/** The rows of the given indices. */
export function pickRows({ values, dims }: Rows, indices: ArrayLike<number>): Float32Array[] {
  return Array.from(indices, (i) => values.subarray(i * dims, (i + 1) * dims));
}

/**
 * Kernel Inception Distance: mean and population standard deviation of the squared discrepancy over random subsets, drawn without
 * replacement, from the first set and then from the second in each round.
 *
 * @throws GanymedeError `invalid-argument` if a set is smaller than a subset.
 */
export function kernelDistance(
  first: Rows,
  second: Rows,
  { subsets, subsetSize, seed }: KernelDistanceOptions,
  kernel: PolynomialKernel = cubicKernel,
): { readonly mean: number; readonly deviation: number } {
  const [n, m] = [first, second].map(({ values, dims }) => values.length / dims) as [number, number];
  if (Math.min(n, m) < subsetSize || first.dims !== second.dims) {
    throw new GanymedeError(
      "invalid-argument",
      `kernelDistance: both sets need ${subsetSize} rows of one width, got ${n} of ${first.dims} and ${m} of ${second.dims}; add images`,
    );
  }
  const random = numpyRandom(seed);
  const values = Array.from({ length: subsets }, () => {
    const a = pickRows(first, random.choice(n, subsetSize));
    const b = pickRows(second, random.choice(m, subsetSize));
    return squaredDiscrepancy(a, b, kernel);
  });
  const mean = values.reduce((sum, value) => sum + value, 0) / subsets;
  const variance = values.reduce((sum, value) => sum + (value - mean) ** 2, 0) / subsets;
  return { mean, deviation: Math.sqrt(variance) };
}

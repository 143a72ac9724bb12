import { GanymedeError } from "@ganymede/core";
import { type Tridiagonal, tridiagonalise } from "./tridiagonal.js";

/** Most sweeps per eigenvalue; two are usual. */
const mostSweeps = 60;

/** One implicit QL sweep with Wilkinson's shift over rows `first` to `last`. */
function sweep(d: Float64Array, e: Float64Array, first: number, last: number): void {
  let g = (d[first + 1]! - d[first]!) / (2 * e[first]!);
  let r = Math.hypot(g, 1);
  g = d[last]! - d[first]! + e[first]! / (g + (g >= 0 ? r : -r));
  let sine = 1;
  let cosine = 1;
  let p = 0;
  for (let i = last - 1; i >= first; i--) {
    const f = sine * e[i]!;
    const b = cosine * e[i]!;
    r = Math.hypot(f, g);
    e[i + 1] = r;
    if (r === 0) {
      // The matrix has split here: undo the shift and start again.
      d[i + 1] = d[i + 1]! - p;
      e[last] = 0;
      return;
    }
    sine = f / r;
    cosine = g / r;
    g = d[i + 1]! - p;
    r = (d[i]! - g) * sine + 2 * cosine * b;
    p = sine * r;
    d[i + 1] = g + p;
    g = cosine * r - b;
  }
  d[first] = d[first]! - p;
  e[first] = g;
  e[last] = 0;
}

/** First row from `first` on whose off-diagonal entry is negligible. */
function blockEnd(d: Float64Array, e: Float64Array, first: number): number {
  for (let m = first; m < d.length - 1; m++) {
    const scale = Math.abs(d[m]!) + Math.abs(d[m + 1]!);
    if (scale + Math.abs(e[m]!) === scale) return m;
  }
  return d.length - 1;
}

/** Eigenvalues of a tridiagonal matrix by implicit QL (Golub and Van Loan, section 8.3.3), unordered. */
function tridiagonalEigenvalues({ diagonal, offDiagonal }: Tridiagonal): Float64Array {
  const d = Float64Array.from(diagonal);
  const e = new Float64Array(d.length);
  e.set(offDiagonal);
  for (let first = 0; first < d.length; first++) {
    let sweeps = 0;
    for (let last = blockEnd(d, e, first); last !== first; last = blockEnd(d, e, first)) {
      if (++sweeps > mostSweeps) {
        throw new GanymedeError(
          "non-finite",
          `symmetricEigenvalues: the matrix must be finite for the sweeps to end, got ${mostSweeps} sweeps; check the features for NaN`,
        );
      }
      sweep(d, e, first, last);
    }
  }
  return d;
}

/**
 * Eigenvalues of a symmetric matrix in float64, ascending; each is exact to about 1e-15 of the largest.
 *
 * @param a `[n, n]`; only the lower triangle is read, and it is overwritten.
 * @throws GanymedeError `non-finite` if the matrix has NaN or infinite entries.
 */
export function symmetricEigenvalues(a: Float64Array, n: number): Float64Array {
  return tridiagonalEigenvalues(tridiagonalise(a, n)).sort();
}

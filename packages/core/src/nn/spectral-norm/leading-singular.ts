import { leadingEigenpair } from "./leading-eigenpair.js";

/** The largest singular value of a matrix and its unit singular vectors. */
export interface LeadingSingular {
  /** The largest singular value. */
  readonly sigma: number;
  /** Unit vector over the rows. */
  readonly rows: Float64Array;
  /** Unit vector over the columns. */
  readonly columns: Float64Array;
}

/** M x for a row-major matrix. */
function times(matrix: ArrayLike<number>, x: Float64Array, rows: number): Float64Array {
  const columns = x.length;
  const out = new Float64Array(rows);
  for (let i = 0; i < rows; i++) {
    let sum = 0;
    for (let j = 0; j < columns; j++) sum += (matrix[i * columns + j] as number) * (x[j] as number);
    out[i] = sum;
  }
  return out;
}

/** M^T y for a row-major matrix. */
function transposedTimes(matrix: ArrayLike<number>, y: Float64Array, columns: number): Float64Array {
  const out = new Float64Array(columns);
  for (let i = 0; i < y.length; i++) {
    const factor = y[i] as number;
    for (let j = 0; j < columns; j++) out[j] = (out[j] as number) + factor * (matrix[i * columns + j] as number);
  }
  return out;
}

function dot(a: Float64Array, b: Float64Array): number {
  let sum = 0;
  for (let i = 0; i < a.length; i++) sum += (a[i] as number) * (b[i] as number);
  return sum;
}

function scaled(x: Float64Array, factor: number): Float64Array {
  return x.map((value) => value * factor);
}

/** Orthogonalises x against an orthonormal basis, twice because of rounding. */
function orthogonalise(x: Float64Array, basis: readonly Float64Array[]): void {
  for (let pass = 0; pass < 2; pass++) {
    for (const direction of basis) {
      const share = dot(x, direction);
      for (let i = 0; i < x.length; i++) x[i] = (x[i] as number) - share * (direction[i] as number);
    }
  }
}

/**
 * The largest singular value of a row-major matrix and its two singular vectors, in float64: Lanczos on M^T M with full
 * reorthogonalisation, until the residual is below 1e-10 of the eigenvalue.
 *
 * Source: Golub and Van Loan 2013, Matrix Computations, section 10.1.
 */
export function leadingSingular(matrix: ArrayLike<number>, rows: number, columns: number): LeadingSingular {
  const basis: Float64Array[] = [];
  const diagonal: number[] = [];
  const beside: number[] = [];
  // Any start vector with a component along the solution works; this one has no symmetry that a matrix could share.
  let next: Float64Array = Float64Array.from({ length: columns }, (_, i) => 1 + Math.sin(12.9898 * (i + 1)) / 2);
  next = scaled(next, 1 / Math.sqrt(dot(next, next)));
  let ritz = leadingEigenpair({ diagonal: [0], beside: [] });
  for (let step = 0; step < columns; step++) {
    basis.push(next);
    const image = transposedTimes(matrix, times(matrix, next, rows), columns);
    diagonal.push(dot(image, next));
    orthogonalise(image, basis);
    const rest = Math.sqrt(dot(image, image));
    ritz = leadingEigenpair({ diagonal, beside });
    if (rest * Math.abs(ritz.vector[step] as number) <= 1e-10 * ritz.value || rest === 0) break;
    beside.push(rest);
    next = scaled(image, 1 / rest);
  }
  const right = new Float64Array(columns);
  ritz.vector.forEach((share, k) => {
    const direction = basis[k] as Float64Array;
    for (let i = 0; i < columns; i++) right[i] = (right[i] as number) + share * (direction[i] as number);
  });
  const left = times(matrix, right, rows);
  const sigma = Math.sqrt(dot(left, left));
  return { sigma, rows: sigma === 0 ? left : scaled(left, 1 / sigma), columns: right };
}

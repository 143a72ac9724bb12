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

/**
 * M x for a row-major matrix. Four rows at a time: each sum waits for its previous addition, but not for those of the other rows. The
 * order within a sum is that of one row, so that the results are the same bit for bit.
 */
function times(matrix: Float64Array, x: Float64Array, rows: number): Float64Array {
  const columns = x.length;
  const out = new Float64Array(rows);
  let i = 0;
  for (; i + 4 <= rows; i += 4) {
    const first = i * columns;
    let [a, b, c, d] = [0, 0, 0, 0];
    for (let j = 0; j < columns; j++) {
      const factor = x[j] as number;
      const at = first + j;
      a += (matrix[at] as number) * factor;
      b += (matrix[at + columns] as number) * factor;
      c += (matrix[at + 2 * columns] as number) * factor;
      d += (matrix[at + 3 * columns] as number) * factor;
    }
    out[i] = a;
    out[i + 1] = b;
    out[i + 2] = c;
    out[i + 3] = d;
  }
  for (; i < rows; i++) {
    let sum = 0;
    for (let j = 0; j < columns; j++) sum += (matrix[i * columns + j] as number) * (x[j] as number);
    out[i] = sum;
  }
  return out;
}

/** M^T y for a row-major matrix. Four rows at a time, added in their order, so that each sum is read and written once for four. */
function transposedTimes(matrix: Float64Array, y: Float64Array, columns: number): Float64Array {
  const out = new Float64Array(columns);
  const rows = y.length;
  let i = 0;
  for (; i + 4 <= rows; i += 4) {
    const first = i * columns;
    const [a, b, c, d] = [y[i] as number, y[i + 1] as number, y[i + 2] as number, y[i + 3] as number];
    for (let j = 0; j < columns; j++) {
      const at = first + j;
      let sum = (out[j] as number) + a * (matrix[at] as number);
      sum += b * (matrix[at + columns] as number);
      sum += c * (matrix[at + 2 * columns] as number);
      out[j] = sum + d * (matrix[at + 3 * columns] as number);
    }
  }
  for (; i < rows; i++) {
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
export function leadingSingular(values: ArrayLike<number>, rows: number, columns: number): LeadingSingular {
  const matrix = new Float64Array(values);
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

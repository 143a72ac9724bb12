export interface Tridiagonal {
  readonly diagonal: Float64Array;
  /** One shorter than the diagonal. */
  readonly offDiagonal: Float64Array;
}

interface Reflection {
  /** H = I - scale v v^T. */
  readonly v: Float64Array;
  readonly scale: number;
  /** What remains of the reflected row next to the diagonal. */
  readonly offDiagonal: number;
}

/** The reflection that zeroes row `last` of the lower triangle except its last entry. */
function reflect(row: Float64Array): Reflection {
  const length = row.length;
  let largest = 0;
  for (let j = 0; j < length; j++) largest = Math.max(largest, Math.abs(row[j]!));
  const v = new Float64Array(length);
  if (largest === 0) return { v, scale: 0, offDiagonal: 0 };
  // Scaled by the largest entry, so that squares neither overflow nor underflow.
  let squares = 0;
  for (let j = 0; j < length; j++) {
    v[j] = row[j]! / largest;
    squares += v[j]! * v[j]!;
  }
  const pivot = v[length - 1]!;
  const norm = pivot >= 0 ? Math.sqrt(squares) : -Math.sqrt(squares);
  v[length - 1] = pivot + norm;
  return { v, scale: 1 / (squares + pivot * norm), offDiagonal: -norm * largest };
}

/**
 * One pass over the lower triangle of the leading `size` rows: subtracts v w^T + w v^T of the last reflection, if any, and multiplies the
 * result by `next`. Doing both at once halves the memory traffic.
 */
function updateAndMultiply(
  a: Float64Array,
  n: number,
  size: number,
  v: Float64Array,
  w: Float64Array,
  next: Float64Array,
): Float64Array {
  const product = new Float64Array(size);
  for (let i = 0; i < size; i++) {
    const row = a.subarray(i * n, i * n + i + 1);
    const vi = v[i]!;
    const wi = w[i]!;
    const xi = next[i]!;
    let sum = 0;
    for (let j = 0; j < i; j++) {
      const value = row[j]! - vi * w[j]! - wi * v[j]!;
      row[j] = value;
      sum += value * next[j]!;
      product[j] = product[j]! + value * xi;
    }
    const value = row[i]! - 2 * vi * wi;
    row[i] = value;
    product[i] = product[i]! + sum + value * xi;
  }
  return product;
}

/**
 * Householder reduction of a symmetric matrix to tridiagonal form by similarity; 4/3 n^3 operations.
 *
 * Source: Golub and Van Loan, Matrix Computations, 4th edition, section 8.3.1, from the last row up.
 * @param a `[n, n]`; only the lower triangle is read, and it is overwritten.
 */
export function tridiagonalise(a: Float64Array, n: number): Tridiagonal {
  const diagonal = new Float64Array(n);
  const offDiagonal = new Float64Array(Math.max(0, n - 1));
  let v: Float64Array = new Float64Array(n);
  let w: Float64Array = new Float64Array(n);
  for (let last = n - 1; last > 0; last--) {
    // Row `last` first needs the update that the pass below applies to the rows before it.
    const row = a.slice(last * n, last * n + last + 1);
    for (let j = 0; j <= last; j++) row[j] = row[j]! - v[last]! * w[j]! - w[last]! * v[j]!;
    diagonal[last] = row[last]!;
    const reflection = reflect(row.subarray(0, last));
    offDiagonal[last - 1] = reflection.offDiagonal;
    const product = updateAndMultiply(a, n, last, v, w, reflection.v);
    let inner = 0;
    for (let j = 0; j < last; j++) inner += product[j]! * reflection.v[j]!;
    const half = (reflection.scale * reflection.scale * inner) / 2;
    v = reflection.v;
    w = product;
    for (let j = 0; j < last; j++) w[j] = reflection.scale * w[j]! - half * v[j]!;
  }
  diagonal[0] = n === 0 ? 0 : a[0]! - 2 * (v[0] ?? 0) * (w[0] ?? 0);
  return { diagonal, offDiagonal };
}

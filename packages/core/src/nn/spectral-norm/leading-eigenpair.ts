/** A symmetric tridiagonal matrix: `diagonal[i]`, and `beside[i]` between rows i and i + 1. */
export interface Tridiagonal {
  readonly diagonal: readonly number[];
  readonly beside: readonly number[];
}

/** True if every eigenvalue is below `bound`: all pivots of bound - T are positive (Sturm). */
function allBelow({ diagonal, beside }: Tridiagonal, bound: number): boolean {
  let pivot = 1;
  for (let i = 0; i < diagonal.length; i++) {
    const coupling = i === 0 ? 0 : (beside[i - 1] as number) ** 2 / pivot;
    pivot = bound - (diagonal[i] as number) - coupling;
    if (!(pivot > 0)) return false;
  }
  return true;
}

/** Solves (bound - T) x = b for a bound above every eigenvalue, where elimination needs no pivoting. */
function solveBelow({ diagonal, beside }: Tridiagonal, bound: number, b: readonly number[]): number[] {
  const pivots: number[] = [];
  const x = [...b];
  for (let i = 0; i < x.length; i++) {
    const factor = i === 0 ? 0 : (beside[i - 1] as number) / (pivots[i - 1] as number);
    pivots.push(bound - (diagonal[i] as number) - (i === 0 ? 0 : factor * (beside[i - 1] as number)));
    if (i > 0) x[i] = (x[i] as number) + factor * (x[i - 1] as number);
  }
  for (let i = x.length - 1; i >= 0; i--) {
    const next = i + 1 < x.length ? (beside[i] as number) * (x[i + 1] as number) : 0;
    x[i] = ((x[i] as number) + next) / (pivots[i] as number);
  }
  return x;
}

/** The largest eigenvalue, by bisection to the last bit, and its unit eigenvector, by inverse iteration. */
export function leadingEigenpair(matrix: Tridiagonal): { readonly value: number; readonly vector: readonly number[] } {
  const { diagonal, beside } = matrix;
  const reach = diagonal.map(
    (centre, i) => centre + Math.abs(beside[i - 1] ?? 0) + (i + 1 < diagonal.length ? Math.abs(beside[i] ?? 0) : 0),
  );
  let low = Math.max(...diagonal);
  let high = Math.max(...reach) * (1 + 1e-12) + Number.MIN_VALUE;
  for (let halving = 0; halving < 200 && high - low > 4e-16 * high; halving++) {
    const middle = low + (high - low) / 2;
    if (allBelow(matrix, middle)) high = middle;
    else low = middle;
  }
  const bound = high + Math.max(1e-13 * high, 1e-300); // above zero, also for a matrix of zeros
  let vector: number[] = diagonal.map(() => 1);
  for (let iteration = 0; iteration < 3; iteration++) {
    const solved = solveBelow(matrix, bound, vector);
    const norm = Math.hypot(...solved);
    vector = solved.map((value) => value / norm);
  }
  return { value: high, vector };
}

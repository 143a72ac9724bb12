/** A derivative and its estimated error. */
export interface Estimate {
  readonly value: number;
  readonly error: number;
}

/**
 * d f(t) / dt at 0 by Ridders' method: central differences at decreasing steps, extrapolated to step 0. Returns the estimate with the
 * smallest error, which avoids both curvature (large steps) and rounding (small steps).
 *
 * Source: Ridders 1982, Advances in Engineering Software 4(2).
 */
export async function derivative(f: (t: number) => Promise<number>, largestStep: number): Promise<Estimate> {
  const shrink = 1.6;
  let best: Estimate = { value: Number.NaN, error: Number.POSITIVE_INFINITY };
  let previous: number[] = [];
  let step = largestStep;
  for (let row = 0; row < 8; row++, step /= shrink) {
    const current = [((await f(step)) - (await f(-step))) / (2 * step)];
    for (let order = 1, factor = shrink ** 2; order <= row; order++, factor *= shrink ** 2) {
      const [coarse, fine] = [previous[order - 1] as number, current[order - 1] as number];
      const value = (fine * factor - coarse) / (factor - 1);
      const error = Math.max(Math.abs(value - fine), Math.abs(value - coarse));
      if (error < best.error) best = { value, error };
      current.push(value);
    }
    previous = current;
  }
  return best;
}

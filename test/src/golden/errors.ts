function largest(values: ArrayLike<number>): number {
  let most = 0;
  for (let i = 0; i < values.length; i++) most = Math.max(most, Math.abs(values[i] as number));
  return most;
}

function largestDifference(ours: ArrayLike<number>, theirs: ArrayLike<number>): number {
  if (ours.length !== theirs.length) return Number.POSITIVE_INFINITY;
  let most = 0;
  for (let i = 0; i < ours.length; i++) {
    const difference = Math.abs((ours[i] as number) - (theirs[i] as number));
    // NaN compares with nothing; it must count as the worst error.
    if (!(difference <= most)) most = Number.isNaN(difference) ? Number.POSITIVE_INFINITY : difference;
  }
  return most;
}

/** max|a - b| / max|b|, absolute where the reference is zero; whole numbers must be equal. */
export function outputError(ours: ArrayLike<number>, theirs: ArrayLike<number>): number {
  const difference = largestDifference(ours, theirs);
  if (theirs instanceof Int32Array) return difference === 0 ? 0 : Number.POSITIVE_INFINITY;
  const scale = largest(theirs);
  return scale === 0 ? difference : difference / scale;
}

/** Worst of max|a - b| / max(max|b|, 0.01 G) over the gradients of a group, G the largest |b| among them. */
export function groupError(pairs: readonly { ours: ArrayLike<number>; theirs: ArrayLike<number> }[]): number {
  const floor = 0.01 * Math.max(0, ...pairs.map(({ theirs }) => largest(theirs)));
  return Math.max(
    0,
    ...pairs.map(({ ours, theirs }) => {
      const scale = Math.max(largest(theirs), floor);
      const difference = largestDifference(ours, theirs);
      return scale === 0 ? difference : difference / scale;
    }),
  );
}

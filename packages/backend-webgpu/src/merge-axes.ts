/** Axes that lie side by side and are treated alike, as lists of axes; each list can be one axis. */
export type Runs = readonly (readonly number[])[];

/**
 * Joins neighbouring axes with the same `kind`. Axes whose kind is null hold one element of every tensor; they join any neighbour.
 *
 * @param linked tells whether an axis may join the one before it, of the same kind; always where left out.
 */
export function runsOf(kinds: readonly (string | null)[], linked: (axis: number) => boolean = () => true): Runs {
  const runs: { kind: string | null; axes: number[] }[] = [];
  kinds.forEach((kind, axis) => {
    const last = runs.at(-1);
    const joins = last !== undefined && (kind === null || last.kind === null || (last.kind === kind && linked(axis)));
    if (!joins) runs.push({ kind, axes: [axis] });
    else {
      last.axes.push(axis);
      last.kind ??= kind;
    }
  });
  return runs.map(({ axes }) => axes);
}

/** The shape with each run as one axis. */
export function merged(shape: readonly number[], runs: Runs): number[] {
  return runs.map((axes) => axes.reduce((size, axis) => size * (shape[axis] as number), 1));
}

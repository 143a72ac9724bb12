/** Groups of adjacent axes that are treated alike; each group can be one axis. */
export type Runs = readonly (readonly number[])[];

/**
 * Groups adjacent axes with the same `kind`. Axes of kind null have size 1 in every tensor and join any neighbour.
 *
 * @param linked whether an axis may join the previous one of the same kind. Default: always.
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

/** The shape with each group as one axis. */
export function merged(shape: readonly number[], runs: Runs): number[] {
  return runs.map((axes) => axes.reduce((size, axis) => size * (shape[axis] as number), 1));
}

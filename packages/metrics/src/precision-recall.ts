import { GanymedeError } from "@ganymede/core";
import type { Rows } from "./kernel-distance.js";

/** Distances `[a, b]` between rows, in float64. */
function distances(a: Rows, b: Rows): Float64Array[] {
  const { dims } = a;
  const count = b.values.length / dims;
  return Array.from({ length: a.values.length / dims }, (_, i) =>
    Float64Array.from({ length: count }, (_, j) => {
      let squares = 0;
      for (let c = 0; c < dims; c++) squares += (a.values[i * dims + c]! - b.values[j * dims + c]!) ** 2;
      return Math.sqrt(squares);
    }),
  );
}

/** Distance of each row to its k-th nearest neighbour in the same set. */
function radii(set: Rows, k: number): Float64Array {
  // Position 0 of the sorted distances is the row itself.
  return Float64Array.from(distances(set, set), (row) => row.sort()[k]!);
}

function checkSets(real: Rows, fake: Rows, k: number, who: string): void {
  const counts = [real, fake].map(({ values, dims }) => values.length / dims);
  if (real.dims !== fake.dims || Math.min(...counts) <= k) {
    throw new GanymedeError(
      "invalid-argument",
      `${who}: both sets need more than ${k} rows of one width, got ${counts.join(" and ")} of ${real.dims} and ${fake.dims}; add images`,
    );
  }
}

/** Fraction of the points (rows of `distance`) that are inside at least one ball (column). */
const share = (distance: Float64Array[], inside: (value: number, ball: number, point: number) => boolean): number =>
  distance.filter((row, point) => row.some((value, ball) => inside(value, ball, point))).length / distance.length;

/**
 * Improved precision and recall: the fraction of fakes within a ball of some real row, and of reals within a ball of some fake row; the
 * radius of a ball is the distance to the k-th neighbour, inclusive.
 *
 * Source: Kynkaanniemi et al. 2019, arXiv 1904.06991, section 2; k = 3 there.
 */
export function precisionRecall(
  real: Rows,
  fake: Rows,
  k = 3,
): { readonly precision: number; readonly recall: number } {
  checkSets(real, fake, k, "precisionRecall");
  const [realRadii, fakeRadii] = [radii(real, k), radii(fake, k)];
  return {
    precision: share(distances(fake, real), (value, ball) => value <= realRadii[ball]!),
    recall: share(distances(real, fake), (value, ball) => value <= fakeRadii[ball]!),
  };
}

/** Precision, recall, density and coverage. All but density are in [0, 1]. */
export interface DensityCoverage {
  readonly precision: number;
  readonly recall: number;
  readonly density: number;
  readonly coverage: number;
}

/**
 * Precision, recall, density (mean number of real balls around a fake, divided by k) and coverage (fraction of reals with a fake in their
 * ball), radii exclusive.
 *
 * Source: Naeem et al. 2020, arXiv 2002.09797, equations 3 to 6; k = 5 there.
 */
export function densityCoverage(real: Rows, fake: Rows, k = 5): DensityCoverage {
  checkSets(real, fake, k, "densityCoverage");
  const [realRadii, fakeRadii] = [radii(real, k), radii(fake, k)];
  const fromFakes = distances(fake, real);
  const fromReals = distances(real, fake);
  const balls = fromFakes.reduce((sum, row) => sum + row.filter((value, i) => value < realRadii[i]!).length, 0);
  return {
    precision: share(fromFakes, (value, ball) => value < realRadii[ball]!),
    recall: share(fromReals, (value, ball) => value < fakeRadii[ball]!),
    density: balls / (k * fromFakes.length),
    coverage: share(fromReals, (value, _, point) => value < realRadii[point]!),
  };
}

/** How one spec went on one backend. */
export interface SpecReport {
  /** Full name without the backend's; the second spec of a name is marked (2). */
  readonly name: string;
  readonly status: "passed" | "failed" | "pending" | "excluded";
  readonly reason: string;
  readonly milliseconds: number;
}

export interface Comparison {
  /** Specs that pass on the reference backend. */
  readonly reference: number;
  /** Of these, specs that pass on the backend under test. */
  readonly passed: number;
  readonly failed: readonly SpecReport[];
}

/** Holds a backend to the specs that pass on the reference. A spec that did not run counts as failed. */
export function compare(reference: readonly SpecReport[], tested: readonly SpecReport[]): Comparison {
  const found = new Map(tested.map((spec) => [spec.name, spec]));
  const wanted = reference.filter((spec) => spec.status === "passed");
  const failed = wanted
    .map(({ name }) => found.get(name) ?? { name, status: "excluded", reason: "did not run", milliseconds: 0 })
    .filter((spec): spec is SpecReport => spec.status !== "passed");
  return { reference: wanted.length, passed: wanted.length - failed.length, failed };
}

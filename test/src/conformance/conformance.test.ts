import { beforeAll, describe, expect, it } from "vitest";
import type { Comparison, SpecReport } from "./compare.js";
import { compare } from "./compare.js";
import { exceptions } from "./exceptions.js";
import { runSpecs } from "./run-specs.js";

const spec = (name: string, status: SpecReport["status"]): SpecReport => ({
  name,
  status,
  reason: "",
  milliseconds: 0,
});

describe("compare", () => {
  it("counts only specs that pass on the reference, and a spec that did not run as failed", () => {
    const reference = [spec("a", "passed"), spec("b", "failed"), spec("c", "passed"), spec("d", "passed")];
    const found = compare(reference, [spec("a", "passed"), spec("b", "passed"), spec("c", "failed")]);
    expect({ reference: found.reference, passed: found.passed }).toEqual({ reference: 3, passed: 1 });
    expect(found.failed.map(({ name }) => name)).toEqual(["c", "d"]);
  });
});

describe("tfjs-core's own specs on the compiled backend", () => {
  let found: Comparison;
  beforeAll(async () => {
    found = await runSpecs();
  }, 600_000);

  it("are all there", () => {
    expect(found.reference).toBeGreaterThan(4200);
  });

  it("pass, except those listed with their reasons", () => {
    const unexpected = found.failed.filter(({ name }) => exceptions[name] === undefined);
    expect(unexpected.map(({ name, reason }) => `${name}: ${reason}`)).toEqual([]);
  });

  it("fail where the list says so", () => {
    const failed = new Set(found.failed.map(({ name }) => name));
    expect(Object.keys(exceptions).filter((name) => !failed.has(name))).toEqual([]);
  });

  it("pass to at least 99 of 100", () => {
    expect(found.passed / found.reference).toBeGreaterThanOrEqual(0.99);
  });
});

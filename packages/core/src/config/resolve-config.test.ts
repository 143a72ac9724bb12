import { describe, expect, test } from "vitest";
import { resolveConfig } from "./resolve-config.js";

const defaults = {
  width: 8,
  name: "a",
  on: true,
  sizes: [1, 2],
  nothing: null as { real: number } | null,
  inner: { depth: 2, deeper: { rate: 0.5 } },
  choice: { kind: "r1", gamma: 1 } as { kind: string; gamma?: number; weight?: number },
};

describe("resolveConfig", () => {
  test("replaces settings one by one and leaves the defaults alone", () => {
    const resolved = resolveConfig(defaults, { width: 9, inner: { deeper: { rate: 1 } }, sizes: [3] }, "test");
    expect(resolved).toEqual({ ...defaults, width: 9, sizes: [3], inner: { depth: 2, deeper: { rate: 1 } } });
    expect(defaults.inner.deeper.rate).toBe(0.5);
  });

  test("takes a record for null, null for a record, and another kind as a whole", () => {
    expect(resolveConfig(defaults, { nothing: { real: 1 } }, "test").nothing).toEqual({ real: 1 });
    expect(resolveConfig({ nothing: { real: 1 } }, { nothing: null }, "test").nothing).toBeNull();
    expect(resolveConfig(defaults, { choice: { kind: "gp", weight: 10 } }, "test").choice).toEqual({
      kind: "gp",
      weight: 10,
    });
    expect(resolveConfig(defaults, { choice: { gamma: 2 } }, "test").choice).toEqual({ kind: "r1", gamma: 2 });
  });

  test.each([
    [{ widht: 9 }, /test: there is no setting "widht"; did you mean "width"\?$/],
    [{ inner: { deeper: { rat: 1 } } }, /no setting "inner.deeper.rat"; did you mean "rate"\?$/],
    [{ inner: { nothing: 1 } }, /no setting "inner.nothing"; known: deeper, depth$/],
    [{ width: "9" }, /test: width must be a number, got string/],
    [{ inner: 3 }, /test: inner must be a record, got number/],
    [{ sizes: 3 }, /test: sizes must be a list, got number/],
    [{ on: 1 }, /test: on must be a boolean, got number/],
    [{ width: Number.POSITIVE_INFINITY }, /test: width must be a finite number, got Infinity/],
    [{ nothing: Number.NaN }, /test: nothing must be a finite number, got NaN/],
    [{ toString: 1 }, /test: there is no setting "toString"/],
    [{ inner: JSON.parse('{ "__proto__": { "depth": 3 } }') }, /there is no setting "inner.__proto__"/],
    [{ inner: { constructor: {} } }, /there is no setting "inner.constructor"/],
  ])("refuses %j in one sentence", (overrides, message) => {
    expect(() => resolveConfig(defaults, overrides, "test")).toThrow(message);
  });
});

describe("references to components", () => {
  const base = {
    loss: { id: "hinge", margin: 2 } as unknown,
    rate: 0.1 as unknown,
    terms: [{ id: "r1", gamma: 1 }, { id: "drift" }] as unknown[],
    sizes: [4, 8],
    none: [] as unknown[],
  };
  const resolve = (overrides: Record<string, unknown>) => resolveConfig(base, overrides, "test", { schedules: true });

  test("take settings that they left out, and are replaced by another id", () => {
    expect(resolve({ loss: { margin: 3, extra: 1 } }).loss).toEqual({ id: "hinge", margin: 3, extra: 1 });
    expect(resolve({ loss: "wasserstein" }).loss).toEqual({ id: "wasserstein" });
    expect(resolve({ loss: "hinge" }).loss).toBe(base.loss);
    expect(resolve({ loss: { id: "least-squares", real: 1 } }).loss).toEqual({ id: "least-squares", real: 1 });
  });

  test("stand in lists that are addressed by id and by position", () => {
    const terms = (overrides: Record<string, unknown>) => resolve({ terms: overrides }).terms;
    expect(terms({ r1: { gamma: 5 } })).toEqual([{ id: "r1", gamma: 5 }, { id: "drift" }]);
    expect(terms({ 1: { weight: 2 } })).toEqual([
      { id: "r1", gamma: 1 },
      { id: "drift", weight: 2 },
    ]);
    expect(terms({ r1: null })).toEqual([{ id: "drift" }]);
    expect(terms({ "le-cam": { weight: 0.1 }, drift: null })).toEqual([
      { id: "r1", gamma: 1 },
      { id: "le-cam", weight: 0.1 },
    ]);
    expect(resolve({ none: { r1: { gamma: 1 } } }).none).toEqual([{ id: "r1", gamma: 1 }]);
    expect(resolve({ sizes: { 1: 16 } }).sizes).toEqual([4, 16]);
    expect(base.terms[0]).toEqual({ id: "r1", gamma: 1 });
  });

  test("that are names alone take settings only where that is asked for", () => {
    const named = { attention: "performer" as unknown };
    const of = (attention: unknown) => resolveConfig(named, { attention }, "test", { names: true }).attention;
    expect(of({ features: 4 })).toEqual({ id: "performer", features: 4 });
    expect(of({ id: "lsh", rounds: 1 })).toEqual({ id: "lsh", rounds: 1 });
    expect(of("lsh")).toBe("lsh");
    expect(() => of({ features: Number.NaN })).toThrow(/attention.features must be a finite number/);
    expect(() => resolveConfig(named, { attention: { features: 4 } }, "test")).toThrow(/must be a string, got object/);
  });

  test("to schedules stand in place of numbers only where that is asked for", () => {
    const schedule = { id: "linear", from: 1, to: 0 };
    expect(resolve({ rate: schedule }).rate).toEqual(schedule);
    expect(() => resolveConfig({ rate: 1 }, { rate: schedule }, "test")).toThrow(/rate must be a number, got object/);
  });

  test.each([
    [{ terms: { 2: { gamma: 1 } } }, /terms has no entry "2"; its positions are 0 to 1/],
    [{ terms: { r3: null } }, /terms has no entry "r3"; did you mean "r1"\?/],
    [{ terms: { r3: 1 } }, /terms has no entry "r3"; write terms.r3.setting=value to add it/],
    [{ terms: { r1: { gamma: Number.NaN } } }, /test: terms.r1.gamma must be a finite number/],
    [{ sizes: { width: 3 } }, /sizes has no entry "width"; its positions are 0 to 1/],
    [{ sizes: { 0: "a" } }, /sizes.0 must be a number, got string/],
    [{ loss: [] }, /loss must be the name of a component or a record of its settings, got a list/],
  ])("refuses %j", (overrides, message) => {
    expect(() => resolve(overrides)).toThrow(message);
  });
});

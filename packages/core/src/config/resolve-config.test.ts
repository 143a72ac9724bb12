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
    [{ widht: 9 }, /test: there is no setting "widht"; known here: choice, inner, name/],
    [{ inner: { deeper: { rat: 1 } } }, /no setting "inner.deeper.rat"; known here: rate/],
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

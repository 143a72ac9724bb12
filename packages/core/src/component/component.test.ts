import { describe, expect, test } from "vitest";
import { real, record } from "../config/settings.js";
import type { Component } from "./component.js";
import { defineComponent, resolveRef, withSettings } from "./component.js";
import type { Plugin } from "./plugin.js";
import { createRegistry } from "./registry.js";

const random = defineComponent({
  id: "random-features",
  source: "none",
  role: "self" as const,
  defaults: { features: 64, kernel: { kind: "relu", scale: 1 }, seed: null as number | null },
  create: ({ features, kernel }, { width }: { readonly width: number }) => `${features} ${kernel.kind} of ${width}`,
});

const decay: Component<{ rate: number }, null, number> = {
  id: "decay",
  source: "none",
  defaults: { rate: 0.5 },
  settings: record({ rate: real({ least: 0, below: 1 }) }),
  create: ({ rate }) => rate,
};

const resolve = (ref: Parameters<typeof resolveRef>[1]) =>
  resolveRef([random], ref, "attention", "generator.attention");

describe("a component", () => {
  test("is named alone or with settings, and called by those who have it", () => {
    expect(resolve("random-features").create({ width: 8 })).toBe("64 relu of 8");
    expect(resolve({ id: "random-features", features: 128 }).create({ width: 8 })).toBe("128 relu of 8");
    const part = random({ features: 2 });
    expect([part.id, part.role, part.settings, part.create({ width: 3 })]).toEqual([
      "random-features",
      "self",
      { features: 2, kernel: { kind: "relu", scale: 1 }, seed: null },
      "2 relu of 3",
    ]);
  });

  test("merges records of settings and leaves its defaults alone", () => {
    expect(resolve({ id: "random-features", kernel: { scale: 2 } }).settings.kernel).toEqual({
      kind: "relu",
      scale: 2,
    });
    expect(random.defaults.kernel.scale).toBe(1);
  });

  test.each<[Parameters<typeof resolve>[0], RegExp]>([
    [
      "randm-features",
      /^generator.attention: there is no attention "randm-features"; did you mean "random-features"\?$/,
    ],
    [
      { id: "random-features", featurs: 1 },
      /^generator.attention: random-features has no setting "featurs"; did you mean "features"/,
    ],
    [{ id: "random-features", features: "many" }, /random-features: features must be a number, got string/],
    [{ id: "random-features", constructor: 1 }, /has no setting "constructor"/],
    [{ id: "random-features", toString: 1 }, /has no setting "toString"/],
  ])("%j is refused in one sentence", (ref, message) => {
    expect(() => resolve(ref)).toThrow(message);
  });

  test("keeps its settings in range", () => {
    expect(withSettings(decay, { rate: 0 }, "ema").create(null)).toBe(0);
    expect(() => withSettings(decay, { rate: 1 }, "ema")).toThrow(
      /^ema: decay: rate must be a number from 0 to below 1, got 1$/,
    );
    expect(() => withSettings({ ...decay, defaults: {} }, { rate: 1 }, "ema")).toThrow(/it has no settings/);
  });
});

const loss = {
  id: "mine",
  source: "none",
  defaults: {},
  create: () => ({ discriminator: () => 0, generator: () => 0 }),
};
const plugin = (parts: object): Plugin => ({ apiVersion: 1, name: "ganymede-plugin-x", ...parts });

describe("createRegistry", () => {
  test("finds entries by kind and id, and says who owns them", () => {
    const registry = createRegistry([plugin({ losses: [loss] })]);
    expect(registry.get("losses", "mine")).toBe(loss);
    expect(registry.owner("losses", "mine")).toBe("ganymede-plugin-x");
    expect(() => registry.get("losses", "mien")).toThrow('there is no loss "mien"; did you mean "mine"?');
  });

  test.each<[object, string]>([
    [{ attention: [] }, 'the plugin "ganymede-plugin-x" has an unknown kind "attention"; did you mean "attentions"?'],
    [{ losses: loss }, 'losses of the plugin "ganymede-plugin-x" must be a list, got object; put its entries in [ ]'],
    [{ losses: [null] }, 'losses[0] of the plugin "ganymede-plugin-x" must be a loss, got null'],
    [{ losses: [{ ...loss, id: "" }] }, "the id of losses[0] of the plugin"],
    [
      { losses: [{ ...loss, source: undefined }] },
      'the loss "mine" of the plugin "ganymede-plugin-x" must have a source',
    ],
    [
      { losses: [{ ...loss, create: undefined, creates: () => 0 }] },
      'must have create (function), got undefined; it has "creates"',
    ],
    [
      { models: [{ id: "a", source: "b", configure: () => 0, create: () => 0 }] },
      "must have presets (object), got undefined",
    ],
    [
      { metrics: [{ id: "a", source: "b", better: "smaller", start: () => 0, add: () => 0, finish: () => 0 }] },
      'the metric "a" of the plugin "ganymede-plugin-x" must have defaults (object), got undefined',
    ],
    [
      { extractors: [{ id: "a", source: "b", defaults: {} }] },
      'the feature extractor "a" of the plugin "ganymede-plugin-x" must have create (function), got undefined',
    ],
    [{ apiVersion: 2 }, 'apiVersion of "ganymede-plugin-x" must be 1, got 2'],
  ])("refuses %j, naming the plugin", (parts, message) => {
    expect(() => createRegistry([plugin(parts)])).toThrow(message);
  });

  test("refuses two owners of one id", () => {
    const other = { ...plugin({ losses: [loss] }), name: "other" };
    expect(() => createRegistry([plugin({ losses: [loss] }), other])).toThrow(
      /got "mine" from "ganymede-plugin-x" and from "other"/,
    );
  });
});

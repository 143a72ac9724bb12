import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { GanymedeError } from "../errors/ganymede-error.js";
import type { SettingsOf } from "./settings.js";
import { checkSettings, flag, kinds, list, nullable, oneOf, real, record, text, whole } from "./settings.js";

const schema = record({
  depth: whole(1),
  rate: real({ above: 0, below: 1 }),
  width: nullable(whole(1, 64)),
  norm: oneOf("layer", "none"),
  name: text,
  on: flag,
  stages: list(record({ side: whole() }), { least: 1 }),
  judge: kinds({ plain: {}, deep: { layers: whole(0) } }),
});

const right = {
  depth: 2,
  rate: 0.5,
  width: null,
  norm: "layer",
  name: "a",
  on: true,
  stages: [{ side: 4 }],
  judge: { kind: "deep", layers: 0 },
} satisfies SettingsOf<typeof schema>;

const check = (changes: object) => checkSettings(schema, { ...right, ...changes }, "toy");

describe("checkSettings", () => {
  test("gives back what is right", () => {
    expect(check({})).toEqual(right);
    expect(check({ width: 64, judge: { kind: "plain" } })).toEqual({ ...right, width: 64, judge: { kind: "plain" } });
  });

  test.each<[object, string]>([
    [{ depth: -1 }, "toy: depth must be a whole number from 1 up, got -1"],
    [{ depth: 1.5 }, "toy: depth must be a whole number from 1 up, got 1.5"],
    [{ depth: Number.POSITIVE_INFINITY }, "toy: depth must be a whole number from 1 up, got Infinity"],
    [{ depth: "3" }, 'toy: depth must be a whole number from 1 up, got "3"'],
    [{ rate: 1 }, "toy: rate must be a number above 0 and below 1, got 1"],
    [{ rate: Number.NaN }, "toy: rate must be a number above 0 and below 1, got NaN"],
    [{ width: 65 }, "toy: width must be a whole number from 1 to 64, or null, got 65"],
    [{ norm: "batch" }, 'toy: norm must be one of layer, none, got "batch"'],
    [{ name: "" }, 'toy: name must be a text, got ""'],
    [{ on: 1 }, "toy: on must be true or false, got 1"],
    [{ stages: null }, "toy: stages must be a list of at least 1 entries, got null"],
    [{ stages: [] }, "toy: stages must be a list of at least 1 entries, got 0"],
    [{ stages: [3] }, "toy: stages[0] must be a record, got 3"],
    [{ stages: [{}] }, "toy: stages[0].side is missing; it must be a whole number from 1 up"],
    [{ judge: null }, "toy: judge must be a record, got null"],
    [{ judge: { kind: "toString" } }, 'toy: judge.kind must be one of plain, deep, got "toString"'],
    [{ judge: { kind: "plain", layers: 2 } }, "toy: judge.layers is not a setting; known: kind"],
    [{ dept: 2 }, 'toy: dept is not a setting; did you mean "depth"?'],
    [JSON.parse('{ "__proto__": { "depth": 3 } }'), "toy: __proto__ is not a setting"],
  ])("refuses %j in one sentence", (changes, message) => {
    // A spread would lose an own key called __proto__, which is what JSON.parse gives.
    const all = Object.create(null, {
      ...Object.getOwnPropertyDescriptors(right),
      ...Object.getOwnPropertyDescriptors(changes),
    });
    expect(() => checkSettings(schema, all, "toy")).toThrow(message);
  });

  test("throws nothing but its own error, whatever it is given", () => {
    fc.assert(
      fc.property(fc.anything(), fc.constantFrom(...Object.keys(right)), (value, name) => {
        try {
          checkSettings(schema, { ...right, [name]: value }, "toy");
        } catch (error) {
          expect(GanymedeError.is(error)).toBe(true);
        }
      }),
    );
  });
});

import fc from "fast-check";
import { describe, expect, test } from "vitest";
import type { NamedArray, WeightLayout } from "../weights/index.js";
import {
  asIs,
  checkShapes,
  chwToHwc,
  flattenedChwToHwc,
  joined,
  layerRules,
  leafRule,
  networkWeights,
  oihwToHwio,
  partOf,
  plus,
  readWeights,
  reshaped,
  rulesAt,
  sequence,
  times,
  transposed,
  transposeLinear,
  vectorRule,
  writeWeights,
} from "../weights/index.js";

const array = (...shape: number[]): NamedArray => ({
  shape,
  data: Float32Array.from({ length: shape.reduce((a, b) => a * b, 1) }, (_, i) => i + 1),
});

describe("layouts", () => {
  test("a matrix is transposed, filters and pictures go channels last", () => {
    expect(transposeLinear.read([array(2, 3)])).toEqual({ shape: [3, 2], data: Float32Array.of(1, 4, 2, 5, 3, 6) });
    expect(oihwToHwio.read([array(5, 4, 3, 2)]).shape).toEqual([3, 2, 4, 5]);
    expect(chwToHwc.read([array(3, 1, 2)])).toEqual({ shape: [1, 2, 3], data: Float32Array.of(1, 3, 5, 2, 4, 6) });
  });

  test("a map of a flattened picture takes channels after pixels", () => {
    const ours = flattenedChwToHwc(2, 2, 1).read([array(1, 4)]);
    expect(ours).toEqual({ shape: [4, 1], data: Float32Array.of(1, 3, 2, 4) });
  });

  test("joined lays arrays behind each other along the first axis", () => {
    const both = joined([1, 2]).read([array(1, 2), array(2, 2)]);
    expect(both).toEqual({ shape: [3, 2], data: Float32Array.of(1, 2, 1, 2, 3, 4) });
  });

  test("parts of one array read their rows, and write them back together", () => {
    const whole = array(6, 2);
    const rules = [0, 1, 2].map((part) => leafRule(`part${part}`, "whole", sequence(partOf(part, 3), transposeLinear)));
    const shapes = new Map(rules.map(({ ours }) => [ours, [2, 2]]));
    const read = readWeights(
      networkWeights(rules),
      new Map([["whole", whole]]),
      { params: shapes, vectors: new Map() },
      "test",
    );
    expect(read.params.get("part1")).toEqual({ shape: [2, 2], data: Float32Array.of(5, 7, 6, 8) });
    expect(writeWeights(networkWeights(rules), read).get("whole")).toEqual(whole);
  });

  const layouts: [string, WeightLayout, number[][]][] = [
    ["asIs", asIs, [[2, 3]]],
    ["matrix", transposeLinear, [[2, 3]]],
    ["kernel", oihwToHwio, [[2, 3, 4, 5]]],
    ["flattenedPicture", flattenedChwToHwc(3, 4, 2), [[2, 12]]],
    ["plus", plus(1), [[4]]],
    ["times", times(4), [[4]]],
    ["reshaped", reshaped([2, 3, 1, 1], [2, 3]), [[2, 3, 1, 1]]],
    [
      "joined then transposed",
      sequence(joined([2, 2, 3]), transposeLinear),
      [
        [2, 4],
        [2, 4],
        [3, 4],
      ],
    ],
  ];
  test.each(layouts)("%s comes back as it was", (_, layout, shapes) => {
    const theirs = shapes.map((shape) => array(...shape));
    expect(layout.write(layout.read(theirs))).toEqual(theirs);
    expect(layout.parts).toBe(shapes.length);
  });

  test("any order of axes comes back as it was", () => {
    const cases = fc
      .array(fc.integer({ min: 1, max: 4 }), { minLength: 1, maxLength: 4 })
      .chain((shape) =>
        fc.tuple(fc.constant(shape), fc.shuffledSubarray([...shape.keys()], { minLength: shape.length })),
      );
    fc.assert(
      fc.property(cases, ([shape, axes]) => {
        const layout = transposed(axes);
        expect(layout.write(layout.read([array(...shape)]))).toEqual([array(...shape)]);
      }),
    );
  });

  test("a reshape of another size is refused", () => {
    expect(() => reshaped([4], [2, 2]).read([array(5)])).toThrow(/must have 4 values for shape \[2, 2\], got 5/);
  });
});

describe("rules", () => {
  test("shapes alone tell a file of another size, whatever the layout", () => {
    const weights = networkWeights([
      leafRule("a", "x"),
      leafRule("b", "y", transposeLinear),
      leafRule("c", "whole", partOf(0, 2)),
      vectorRule("u", "u"),
    ]);
    const params = new Map([
      ["a", [2, 3]],
      ["b", [2, 5]],
      ["c", [2]],
    ]);
    const file = (shapes: Readonly<Record<string, readonly number[]>>) =>
      new Map(Object.entries(shapes).map(([name, shape]) => [name, { shape }]));
    const right = { x: [2, 3], y: [5, 2], whole: [4], more: [1], u: [7] };
    expect(() => checkShapes(weights, file(right), params, "f")).not.toThrow();
    expect(() => checkShapes(weights, file({ ...right, x: [3, 2] }), params, "f")).toThrow(
      /^f: "x" must fit "a" of shape \[2, 3\], got \[3, 2\];/,
    );
    expect(() => checkShapes(weights, file({ ...right, y: [5, 3] }), params, "f")).toThrow(
      /"y" must fit "b" of shape \[2, 5\], got \[5, 3\];/,
    );
    const { x: _, ...less } = right;
    expect(() => checkShapes(weights, file(less), params, "f")).toThrow(/^f: the file must contain "x", got none/);
  });

  const weights = networkWeights(
    [
      ...rulesAt("blocks.0", "layers.first", layerRules("linear", "fc")),
      leafRule("token", "cls", reshaped([1, 2], [2])),
      vectorRule("blocks.0.linear.weight.u", "layers.first.fc.weight_u"),
    ],
    [/num_batches_tracked$/],
  );
  const file = () =>
    new Map([
      ["layers.first.fc.weight", array(3, 2)],
      ["layers.first.fc.bias", array(3)],
      ["cls", array(1, 2)],
      ["layers.first.fc.weight_u", array(3)],
      ["layers.first.bn.num_batches_tracked", array(1)],
    ]);
  const shapes = {
    params: new Map([
      ["blocks.0.linear.weight", [2, 3]],
      ["blocks.0.linear.bias", [3]],
      ["token", [2]],
    ]),
    vectors: new Map([["blocks.0.linear.weight.u", [3]]]),
  };

  test("read every leaf and write it back under its old name", () => {
    const found = readWeights(weights, file(), shapes, "a.pth");
    expect([...found.params.keys()]).toEqual([...shapes.params.keys()]);
    const back = writeWeights(weights, found);
    const { ["layers.first.bn.num_batches_tracked" as string]: _, ...kept } = Object.fromEntries(file());
    expect(Object.fromEntries(back)).toEqual(kept);
  });

  test("missing, foreign and misshapen arrays are named", () => {
    const without = file();
    without.delete("cls");
    expect(() => readWeights(weights, without, shapes, "a.pth")).toThrow(
      /^a\.pth: the file must contain "cls", got none/,
    );
    const more = file().set("head.weight", array(1));
    expect(() => readWeights(weights, more, shapes, "a.pth")).toThrow(/but "head.weight" is not/);
    const other = file().set("layers.first.fc.weight", array(4, 2));
    expect(() => readWeights(weights, other, shapes, "a.pth")).toThrow(/shape \[2, 3\], got \[4, 2\]/);
  });

  test("a leaf that no file holds is not read, and not written", () => {
    const wider = { ...shapes, params: new Map([...shapes.params, ["extra", [1]] as const]) };
    const partial = networkWeights(weights.rules, weights.ignored, [/^extra$/]);
    const found = readWeights(partial, file(), wider, "a.pth");
    expect([...found.params.keys()]).toEqual([...shapes.params.keys()]);
    const own = { shape: [1], data: Float32Array.of(3) };
    const written = writeWeights(partial, { ...found, params: new Map([...found.params, ["extra", own]]) });
    expect([...written.keys()]).toEqual([...writeWeights(weights, found).keys()]);
  });

  test("a leaf without a rule is the family's mistake", () => {
    const wider = { ...shapes, params: new Map([...shapes.params, ["extra", [1]] as const]) };
    expect(() => readWeights(weights, file(), wider, "a.pth")).toThrow(
      /every leaf must have a rule, but "extra" has none/,
    );
  });
});

import { expect, it } from "vitest";
import { drawableOf } from "./attention-layers.js";

const layer = { path: "attention", heads: 2, held: true };
const grid = [8, 8] as const;
const map = { side: 8, before: 0 };

it.each([
  ["pixels to pixels", { queries: 64, keys: 64, queryGrid: grid, keyGrid: grid }, map],
  ["pooled keys", { queries: 64, keys: 16, queryGrid: grid, keyGrid: [4, 4] as const }, { side: 4, before: 0 }],
])("draws %s as a map", (_, sizes, keys) => {
  expect(drawableOf({ ...layer, ...sizes })).toEqual({ kind: "map", queries: map, keys });
});

it("draws the map behind a class token", () => {
  const tokens = { side: 8, before: 1 };
  expect(drawableOf({ ...layer, queries: 65, keys: 65 })).toEqual({ kind: "map", queries: tokens, keys: tokens });
});

it("draws pixels that read anything else as segments", () => {
  const read = { ...layer, queries: 64, keys: 16, queryGrid: grid };
  expect(drawableOf(read)).toEqual({ kind: "latents", queries: map });
});

it.each([
  ["latents among themselves", { queries: 16, keys: 16 }, /queries are not a map/],
  ["queries that read a map", { queries: 5, keys: 64, keyGrid: grid }, /queries are not a map/],
  ["a wide map", { queries: 32, keys: 32, queryGrid: [4, 8] as const, keyGrid: [4, 8] as const }, /not square/],
])("tells %s apart", (_, sizes, reason) => {
  expect(drawableOf({ ...layer, ...sizes })).toMatchObject({ kind: "other", reason: expect.stringMatching(reason) });
});

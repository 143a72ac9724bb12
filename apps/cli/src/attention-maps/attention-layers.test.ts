import { expect, it } from "vitest";
import { attentionLayers } from "./attention-layers.js";

const kinds = (shape: readonly number[], components?: number, latents = false) =>
  attentionLayers([shape], { batch: 2, components, latents })[0]!;

it.each([
  ["pixels to pixels", [2, 4, 64, 64], { kind: "map", queries: { side: 8, before: 0 }, keys: { side: 8, before: 0 } }],
  ["without heads", [2, 64, 64], { kind: "map", queries: { side: 8, before: 0 }, keys: { side: 8, before: 0 } }],
  ["keys halved", [2, 1, 256, 64], { kind: "map", queries: { side: 16, before: 0 }, keys: { side: 8, before: 0 } }],
  ["a class token", [2, 4, 65, 65], { kind: "map", queries: { side: 8, before: 1 }, keys: { side: 8, before: 1 } }],
])("draws %s as a map", (_, shape, drawable) => {
  expect(kinds(shape).drawable).toEqual(drawable);
});

it("draws latents where the model or the user names them", () => {
  const latents = { kind: "latents", queries: { side: 8, before: 0 } };
  expect(kinds([2, 1, 64, 16], 16).drawable).toEqual(latents);
  expect(kinds([2, 1, 64, 16]).drawable.kind).toBe("map");
  expect(kinds([2, 1, 64, 16], undefined, true).drawable).toEqual(latents);
  expect(kinds([2, 1, 64, 17]).drawable).toMatchObject({ kind: "other", reason: expect.stringMatching(/latents/) });
});

it("knows latents that attend among themselves before pixels read them", () => {
  const stack = [2, 4, 16, 16];
  const kindsOf = (shapes: readonly number[][]) =>
    attentionLayers(shapes, { batch: 2, components: undefined, latents: false }).map(({ drawable: { kind } }) => kind);
  expect(kindsOf([stack, stack, [2, 4, 256, 16], [2, 4, 256, 256]])).toEqual(["other", "other", "latents", "map"]);
  // Of half the side they are a map.
  expect(kindsOf([stack, [2, 4, 64, 16]])).toEqual(["map", "map"]);
});

it.each([
  ["windows", [8, 4, 64, 64], undefined, /windows/],
  ["latents among themselves", [2, 1, 16, 16], 16, /from latents/],
  ["a neighbourhood of each pixel", [2, 4, 256, 49], undefined, /keys are no map/],
  ["queries in tiles", [2, 4, 128, 1024], undefined, /queries are no map/],
])("tells %s apart", (_, shape, components, reason) => {
  expect(kinds(shape, components).drawable).toMatchObject({ kind: "other", reason: expect.stringMatching(reason) });
});

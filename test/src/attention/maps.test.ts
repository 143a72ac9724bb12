import { dotProduct, grid, onTokens } from "@ganymede/attention";
import { beforeAll, expect, test } from "vitest";
import { startBackend } from "../golden/backends.js";
import { influence } from "./influence.js";
import { mapsPicture } from "./maps-picture.js";
import { sceneImages, trainPatchModel } from "./patch-model.js";

beforeAll(() => startBackend("onnx"));

test("the patch model learns, and its attention reaches the whole map", async () => {
  const [early, late] = [await trainPatchModel(dotProduct(), 2), await trainPatchModel(dotProduct(), 40)];
  expect(late.loss).toBeLessThan(0.6 * early.loss);
  const [map] = await influence(dotProduct(), late.params, await sceneImages(3000, 1), 27);
  expect(map!.every((value) => value > 0 && value <= 1)).toBe(true);
});

test("influence stays inside a window where attention does", async () => {
  const variant = onTokens(grid({ window: 4 }));
  const { params } = await trainPatchModel(variant, 2);
  const [map] = await influence(variant, params, await sceneImages(3000, 1), 0);
  const seen = map!.flatMap((value, place) => (value > 0 ? [place] : []));
  expect(seen).toEqual([0, 1, 2, 3].flatMap((row) => [0, 1, 2, 3].map((column) => 8 * row + column)));
});

test("a picture holds one path for each colour of a map", () => {
  const svg = mapsPicture({ images: [["#000000"]], asking: [0], rows: [{ name: "one", maps: [[1, 0, 0, 0]] }] });
  expect(svg.match(/<path/g)).toHaveLength(3);
  expect(svg).toContain("#102a6e");
});

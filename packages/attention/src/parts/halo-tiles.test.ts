import "@tensorflow/tfjs-backend-cpu";
import { key, normal } from "@ganymede/core";
import { expectAllClose } from "@ganymede/core/testing";
import * as tf from "@tensorflow/tfjs-core";
import { beforeAll, describe, expect, test } from "vitest";
import { fromTiles, haloTiles, toTiles, withHalos } from "./halo-tiles.js";

beforeAll(() => tf.setBackend("cpu"));

describe("tiles with halos", () => {
  test.each([
    [3, 3, 3],
    [8, 16, 1],
    [9, 21, 3],
    [20, 11, 2],
  ])("a map of %i x %i with a reach of %i is cut into each pixel's surroundings", async (height, width, reach) => {
    const tiles = haloTiles(height, width, reach);
    const { rows, columns } = tiles;
    const x = normal<tf.Rank.R4>(key(1), [2, height, width, 3]);
    const [inner, outer] = [toTiles(x, tiles), withHalos(x, tiles)];
    await expectAllClose(fromTiles(inner, tiles), x.dataSync(), { relative: 0 });
    const values = x.arraySync();
    const expected = Array.from({ length: 2 * rows.count * columns.count * rows.span * columns.span }, (_, i) => {
      const [place, rest] = [i % (rows.span * columns.span), Math.floor(i / (rows.span * columns.span))];
      const [tile, image] = [rest % (rows.count * columns.count), Math.floor(rest / (rows.count * columns.count))];
      const y = Math.floor(tile / columns.count) * rows.size + Math.floor(place / columns.span) - reach;
      const z = (tile % columns.count) * columns.size + (place % columns.span) - reach;
      return values[image]![y]?.[z] ?? [0, 0, 0];
    });
    await expectAllClose(outer, expected.flat(), { relative: 0 });
  });

  test("the last tile has room for a neighbourhood moved inside the map", () => {
    for (let length = 7; length < 60; length++) {
      const { count, size } = haloTiles(length, length, 3).rows;
      expect(count * size).toBeGreaterThanOrEqual(length);
      if (count > 1) expect(length - (count - 1) * size).toBeGreaterThan(3);
    }
  });
});

import { dotProduct, relative } from "@ganymede/attention";
import type { SelfAttentionPart } from "@ganymede/core";
import { inference, key, normal } from "@ganymede/core";
import { expectAllClose } from "@ganymede/core/testing";
import * as tf from "@tensorflow/tfjs-core";
import "@tensorflow/tfjs-backend-cpu";
import { beforeAll, describe, expect, test } from "vitest";
import type { BlocksOptions } from "./blocks.js";
import { blocks } from "./blocks.js";
import { uniformLinear } from "./parts.js";

beforeAll(() => tf.setBackend("cpu"));

const width = 4;

const layerOver = (
  options: Pick<BlocksOptions, "grid" | "window"> & Partial<BlocksOptions>,
  variant: SelfAttentionPart = relative(),
) =>
  blocks(
    {
      ...{ width, heads: 2, mlpRatio: 2, norm: "layer", activation: "gelu", noise: false },
      ...{ linear: uniformLinear, depth: 2 },
      ...options,
    },
    variant,
  );

/** Tokens of a map, image by image. */
const tokensOf = (batch: number, count: number) => normal<tf.Rank.R3>(key(7), [batch, count, width]);

/** The tokens of one window of a map of such a width. */
function windowOf(x: tf.Tensor3D, columns: number, [top, left]: readonly [number, number], side: number): tf.Tensor3D {
  const map = tf.reshape<tf.Rank.R4>(x, [x.shape[0], x.shape[1] / columns, columns, width]);
  return tf.reshape(tf.slice4d(map, [0, top, left, 0], [-1, side, side, width]), [x.shape[0], side * side, width]);
}

describe("blocks over a map that is not square", () => {
  test.each([
    [[2, 6], null],
    [[6, 2], 2],
    [[2, 6], 2],
  ] as const)("%j with window %j: each image stays alone", async (grid, window) => {
    const layer = layerOver({ grid, window });
    const params = layer.init(key(1));
    const x = tokensOf(3, 12);
    const together = layer.apply(params, { x }, inference);
    for (let image = 0; image < 3; image++) {
      const alone = layer.apply(params, { x: tf.slice3d(x, [image, 0, 0], [1, -1, -1]) }, inference);
      await expectAllClose(tf.slice3d(together, [image, 0, 0], [1, -1, -1]), alone, { absolute: 1e-6 });
    }
  });

  test("attention in windows is attention over each window", async () => {
    const columns = 6;
    const cut = layerOver({ grid: [4, columns], window: 2 });
    const whole = layerOver({ grid: [2, 2], window: null });
    const params = cut.init(key(1));
    const x = tokensOf(2, 24);
    const y = cut.apply(params, { x }, inference);
    for (const corner of [
      [0, 0],
      [0, 4],
      [2, 2],
    ] as const) {
      const expected = whole.apply(params, { x: windowOf(x, columns, corner, 2) }, inference);
      await expectAllClose(windowOf(y, columns, corner, 2), expected, { absolute: 1e-6 });
    }
  });
});

test("in windows only the attention's norm sees windows; the MLP's sees the whole map, as in the release's blocks", async () => {
  const columns = 4;
  const options = { norm: "instance", depth: 1 } as const;
  const cut = layerOver({ grid: [4, columns], window: 2, ...options });
  const params = cut.init(key(1));
  const x = tokensOf(2, 16);
  const alone = layerOver({ grid: [2, 2], window: null, ...options });
  const compared = async () => {
    const expected = alone.apply(params, { x: windowOf(x, columns, [0, 0], 2) }, inference);
    await expectAllClose(windowOf(cut.apply(params, { x }, inference), columns, [0, 0], 2), expected, {
      absolute: 1e-4,
    });
  };
  await expect(compared()).rejects.toThrow();
});

test("tokens of another map and windows that do not divide it are refused", () => {
  const layer = layerOver({ grid: [2, 2], window: null }, dotProduct());
  const params = layer.init(key(1));
  // Twelve tokens are three maps of 2x2: they must not be taken for three times as many images.
  expect(() => layer.apply(params, { x: tokensOf(2, 12) }, inference)).toThrow(
    /shape must be \[B, 4, 4\], got \[2, 12, 4\]/,
  );
  expect(() => layerOver({ grid: [4, 6], window: 3 })).toThrow(/window must divide the map, got 3 and 4x6/);
});

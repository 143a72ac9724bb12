import { inference, key, leaves, normal } from "@ganymede/core";
import { expectAllClose } from "@ganymede/core/testing";
import * as tf from "@tensorflow/tfjs-core";
import "@tensorflow/tfjs-backend-cpu";
import { beforeAll, describe, expect, test } from "vitest";
import { plainSagan, sagan } from "./index.js";

beforeAll(() => tf.setBackend("cpu"));

/** softmax(q k^T) v of one image by plain loops in float64, each argument rows of numbers. */
function attended(q: number[][], k: number[][], v: number[][]): number[][] {
  return q.map((query) => {
    const logits = k.map((row) => row.reduce((sum, value, index) => sum + value * (query[index] as number), 0));
    const largest = Math.max(...logits);
    const weights = logits.map((logit) => Math.exp(logit - largest));
    const total = weights.reduce((sum, weight) => sum + weight, 0);
    return (v[0] as number[]).map((_, column) =>
      v.reduce((sum, row, index) => sum + ((weights[index] as number) / total) * (row[column] as number), 0),
    );
  });
}

const product = (rows: number[][], weight: number[][]): number[][] =>
  rows.map((row) =>
    (weight[0] as number[]).map((_, column) =>
      row.reduce((sum, value, index) => sum + value * ((weight[index] as number[])[column] as number), 0),
    ),
  );

describe("widths that are not multiples of eight", () => {
  const channels = 13;
  const x = normal<tf.Rank.R4>(key(3), [1, 2, 3, channels]);
  const pixels = (tf.reshape(x, [6, channels]) as tf.Tensor2D).arraySync();
  type Params = Readonly<Record<string, unknown>>;
  const rows = (params: Params, name: "query" | "keys" | "value" | "output") =>
    (params[name] as { weight: tf.Tensor2D }).weight.arraySync();

  test("sagan rounds C / 8 and C / 2 down", async () => {
    const layer = sagan({ pool: 1 }).create({ channels, heads: 1 });
    const params = layer.init(key(1));
    expect(leaves(params).map(({ path, value }) => [path, value.shape])).toEqual([
      ["query.weight", [13, 1]],
      ["keys.weight", [13, 1]],
      ["value.weight", [13, 6]],
      ["output.weight", [6, 13]],
    ]);
    const [q, k, v] = (["query", "keys", "value"] as const).map((name) => product(pixels, rows(params, name)));
    const update = product(attended(q as number[][], k as number[][], v as number[][]), rows(params, "output"));
    const expected = tf.reshape(tf.tensor2d(update), x.shape);
    await expectAllClose(layer.apply(params, x, inference), expected, { relative: 1e-5 });
  });

  test("sagan-plain rounds C / 8 down", () => {
    const layer = plainSagan().create({ channels, heads: 1 });
    const params = layer.init(key(1));
    expect((params.keys as { weight: tf.Tensor }).weight.shape).toEqual([13, 1]);
    expect(layer.apply(params, x, inference).shape).toEqual([1, 2, 3, 13]);
  });

  test("fewer than eight channels have no key", () => {
    expect(() => sagan().create({ channels: 7, heads: 1 })).toThrow(/choose one head or more channels/);
  });
});

import { type AttentionPart, inference, key, normal } from "@ganymede/core";
import { expectAllClose } from "@ganymede/core/testing";
import * as tf from "@tensorflow/tfjs-core";
import "@tensorflow/tfjs-backend-cpu";
import { beforeAll, describe, test } from "vitest";
import type { LocalSettings } from "./local.js";
import { local } from "./local.js";
import { neighbourhood } from "./neighbourhood.js";
import { neighbourhoods, neighboursOf } from "./parts/neighbourhoods.js";

beforeAll(() => tf.setBackend("cpu"));

const [batch, height, width, channels, heads, kernel] = [2, 9, 18, 4, 2, 5];
const [tokens, places, depth] = [height * width, kernel ** 2, channels / heads];
const around = [batch, tokens, places, heads, depth];

type Params = Readonly<Record<string, tf.Tensor>>;
type Form = (params: Params, x: tf.Tensor4D) => tf.Tensor;

/** y = softmax(q k + bias) v for keys and values `[B, N, k k, heads, D]` that are stacked for each pixel. */
function stacked(q: tf.Tensor, k: tf.Tensor, v: tf.Tensor, bias: tf.Tensor): tf.Tensor {
  const logits = tf.add(tf.sum(tf.mul(tf.reshape(q, [batch, tokens, 1, heads, depth]), k), 4), bias);
  const weights = tf.transpose(tf.softmax(tf.transpose(logits, [0, 1, 3, 2])), [0, 1, 3, 2]);
  return tf.reshape(tf.sum(tf.mul(tf.expandDims(weights, 4), v), 2), [batch, height, width, channels]);
}

const project = (x: tf.Tensor4D, weight: tf.Tensor) =>
  tf.reshape<tf.Rank.R4>(tf.matMul(tf.reshape(x, [-1, channels]), weight as tf.Tensor2D), x.shape);

const stackedLocal =
  ({ border, scaled }: Pick<LocalSettings, "border" | "scaled">): Form =>
  ({ query, keys, value, rows, columns }, x) => {
    const half = [kernel, kernel, heads, depth / 2];
    const offsets = tf.concat(
      [tf.broadcastTo(tf.expandDims(rows!, 1), half), tf.broadcastTo(tf.expandDims(columns!, 0), half)],
      3,
    );
    const k = tf.reshape(neighbourhoods(project(x, keys!), kernel), around);
    const v = tf.reshape(neighbourhoods(project(x, value!), kernel), around);
    const seen = Array.from({ length: tokens }, (_, pixel) => neighboursOf(pixel, height, width, kernel)).flat();
    const hides = seen.map((pixel) => (pixel < 0 && border === "masked" ? -1e9 : 0));
    const q = tf.mul(project(x, query!), scaled ? 1 / Math.sqrt(depth) : 1);
    const placed = tf.add(k, tf.reshape(offsets, [places, heads, depth]));
    return stacked(q, placed, v, tf.reshape(tf.tensor1d(hides), [1, tokens, places, 1]));
  };

const stackedNeighbourhood: Form = ({ query, keys, value, table }, x) => {
  const start = (at: number, size: number) => Math.min(Math.max(at - (kernel - 1) / 2, 0), size - kernel);
  const pairs = Array.from({ length: tokens * places }, (_, i) => {
    const [pixel, place] = [Math.floor(i / places), i % places];
    const [row, column] = [Math.floor(pixel / width), pixel % width];
    const [r, c] = [start(row, height) + Math.floor(place / kernel), start(column, width) + (place % kernel)];
    return [r * width + c, (r - row + kernel - 1) * (2 * kernel - 1) + c - column + kernel - 1] as const;
  });
  const pixels = tf.tensor1d(
    pairs.map(([pixel]) => pixel),
    "int32",
  );
  const chosen = (y: tf.Tensor) => tf.reshape(tf.gather(tf.reshape(y, [batch, tokens, channels]), pixels, 1), around);
  const offsets = tf.tensor1d(
    pairs.map(([, place]) => place),
    "int32",
  );
  const bias = tf.reshape(tf.gather(table!, offsets), [1, tokens, places, heads]);
  const q = tf.mul(project(x, query!), 1 / Math.sqrt(depth));
  return stacked(q, chosen(project(x, keys!)), chosen(project(x, value!)), bias);
};

describe("maps of several tiles equal neighbourhoods stacked for each pixel, with their gradients", () => {
  test.each<[string, AttentionPart, Form]>([
    ["local", local({ kernel }), stackedLocal({ border: "zeros", scaled: false })],
    [
      "local, masked and scaled",
      local({ kernel, border: "masked", scaled: true }),
      stackedLocal({ border: "masked", scaled: true }),
    ],
    ["neighbourhood", neighbourhood({ kernel }), stackedNeighbourhood],
  ])("%s", async (_, variant, form) => {
    const layer = variant.create({ channels, heads, grid: [height, width] });
    const params = layer.init(key(1)) as Readonly<Record<string, tf.Tensor | { readonly weight: tf.Tensor }>>;
    const names = Object.keys(params).filter((name) => name !== "output");
    const tensors = names.map((name) => {
      const param = params[name]!;
      return "weight" in param ? param.weight : param;
    });
    const dy = normal<tf.Rank.R4>(key(3), [batch, height, width, channels]);
    const flat = (list: readonly tf.Tensor[]) => Object.fromEntries(names.map((name, i) => [name, list[i + 1]!]));
    const nested = (list: readonly tf.Tensor[]) => ({
      ...Object.fromEntries(
        names.map((name, i) => [name, "weight" in params[name]! ? { weight: list[i + 1]! } : list[i + 1]!]),
      ),
      output: { weight: tf.eye(channels), bias: tf.zeros([channels]) },
    });
    const inputs = [normal<tf.Rank.R4>(key(2), [batch, height, width, channels]), ...tensors];
    const ours = tf.grads((...list) =>
      tf.sum(tf.mul(dy, layer.apply(nested(list) as never, list[0] as never, inference) as tf.Tensor)),
    )(inputs);
    const theirs = tf.grads((...list) => tf.sum(tf.mul(dy, form(flat(list), list[0] as tf.Tensor4D))))(inputs);
    for (const [i, gradient] of ours.entries()) {
      await expectAllClose(gradient, theirs[i]!.dataSync(), { relative: 1e-4, absolute: 1e-4 });
    }
    const y = layer.apply(nested(inputs) as never, inputs[0] as never, inference) as tf.Tensor;
    await expectAllClose(y, form(flat(inputs), inputs[0] as tf.Tensor4D).dataSync(), {
      relative: 1e-5,
      absolute: 1e-5,
    });
  });
});

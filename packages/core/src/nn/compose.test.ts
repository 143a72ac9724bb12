import * as tf from "@tensorflow/tfjs-core";
import { expect, test } from "vitest";
import "@tensorflow/tfjs-backend-cpu";
import type { Context } from "../contracts/layer.js";
import { defineLayer } from "../contracts/layer.js";
import { normal } from "../random/draw.js";
import { fold, key } from "../random/key.js";
import { expectAllClose } from "../testing/expect-all-close.js";
import { boundTo, compose, learned, stack } from "./compose.js";
import { inference, training } from "./context.js";
import { layerNorm } from "./layer-norm.js";
import { linear } from "./linear.js";
import { projectionHead } from "./projection-head.js";
import { residual } from "./residual.js";

/** A layer without parameters that remembers its contexts. */
function probe(contexts: Context[]) {
  return defineLayer<Record<string, never>, tf.Tensor2D, tf.Tensor2D>({
    init: () => ({}),
    apply(_, x, context) {
      contexts.push(context);
      return tf.clone(x);
    },
  });
}

test("parameters have the parts' names, each from a key of its own, and absent parts have none", async () => {
  const parts = { first: linear({ inputs: 3, outputs: 3 }), norm: undefined, table: learned((at) => normal(at, [2])) };
  const layer = compose({ ...parts, blocks: [linear({ inputs: 3, outputs: 2 })] }, (part, x: tf.Tensor2D) => {
    expect(part.norm).toBeUndefined();
    return part.blocks.reduce((y, block) => block(y), tf.add<tf.Tensor2D>(part.first(x), part.table.shape[0]));
  });
  const params = layer.init(key(1));
  expect(Object.keys(params)).toEqual(["first", "table", "blocks"]);
  await expectAllClose(params.first.weight, parts.first.init(fold(key(1), "first")).weight);
  await expectAllClose(params.table, normal(fold(key(1), "table"), [2]));
  expect(layer.apply(params, tf.ones([4, 3]), inference).shape).toEqual([4, 2]);
});

test("a function of the bound parts stands beside apply", async () => {
  const layer = compose({ map: linear({ inputs: 2, outputs: 2 }) }, (part, x: tf.Tensor2D) => part.map(x));
  const twice = boundTo(layer, (part, x: tf.Tensor2D, context) => {
    expect(context).toBe(inference);
    return part.map(part.map(x));
  });
  const [params, x] = [layer.init(key(1)), tf.ones<tf.Rank.R2>([1, 2])];
  await expectAllClose(twice(params, x, inference), layer.apply(params, layer.apply(params, x, inference), inference));
});

test("mode, labels, step and a key of its own reach every part", () => {
  const contexts: Context[] = [];
  const inner = compose({ deep: probe(contexts) }, (part, x: tf.Tensor2D) => part.deep(x));
  const layer = compose({ one: probe(contexts), many: [probe(contexts), inner] }, (part, x: tf.Tensor2D) =>
    part.many.reduce((y, each) => each(y), part.one(x)),
  );
  const labels = tf.tensor1d([1], "int32");
  const step = tf.scalar(3);
  layer.apply(layer.init(key(1)), tf.ones([1, 1]), training(key(2), { labels, step }));
  expect(contexts.map(({ path }) => path.join("."))).toEqual(["one", "many.0", "many.1.deep"]);
  for (const context of contexts) expect(context).toMatchObject({ mode: "training", labels, step });
  const keys = contexts.map((context) => (context.mode === "training" ? context.key.words.join() : ""));
  expect(new Set(keys).size).toBe(3);
  expect(keys[2]).toBe(fold(fold(fold(key(2), "many"), 1), "deep").words.join());
});

test("an observer sees the output of every part, innermost first, with its path", () => {
  const inner = stack([probe([]), residual(probe([]))]);
  const layer = compose({ body: inner, head: projectionHead({ inputs: 2 }) }, (part, x: tf.Tensor2D) =>
    part.head(part.body(x)),
  );
  const seen: string[] = [];
  layer.apply(layer.init(key(1)), tf.ones([1, 2]), {
    ...inference,
    observe: (name, value, path) =>
      seen.push(`${name} ${path.join(".")} ${value instanceof tf.Tensor ? value.shape : ""}`),
  });
  expect(seen).toEqual([
    "output body.0 1,2",
    "output body.1 1,2",
    "output body 1,2",
    "output head.linear 1,1",
    "output head 1,1",
  ]);
});

test("bind gives the same parts to a function beside apply", async () => {
  const layer = compose({ norm: layerNorm({ width: 2 }) }, (part, x: tf.Tensor3D) => part.norm(x));
  const params = layer.init(key(1));
  const x = tf.tensor3d([[[1, 3]]]);
  await expectAllClose(layer.bind(params, inference).norm(x), layer.apply(params, x, inference));
});

test("the projection head adds the product with the vector of the image's class", async () => {
  const head = projectionHead({ inputs: 2, classes: 3, gain: 0.5 });
  const params = {
    linear: { weight: tf.tensor2d([[1], [2]]), bias: tf.tensor1d([0.5]) },
    classes: {
      weight: tf.tensor2d([
        [0, 0],
        [4, 6],
        [1, 1],
      ]),
    },
  };
  const labels = tf.tensor1d([1, 0], "int32");
  const y = head.apply(
    params,
    tf.tensor2d([
      [1, 1],
      [2, 0],
    ]),
    { ...inference, labels },
  );
  await expectAllClose(y, [3.5 + 0.5 * 10, 2.5]);
  expect(() => head.apply(params, tf.ones([1, 2]), inference)).toThrow("labels");
});

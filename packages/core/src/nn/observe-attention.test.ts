import * as tf from "@tensorflow/tfjs-core";
import "@tensorflow/tfjs-backend-cpu";
import { expect, test } from "vitest";
import type { Observe } from "../contracts/observation.js";
import { normal } from "../random/draw.js";
import { key } from "../random/key.js";
import { expectAllClose } from "../testing/expect-all-close.js";
import { contextAt, inference } from "./context.js";
import { allWeights, observeRows, observeWeights, observingAttention } from "./observe-attention.js";

const weights = () => tf.softmax(normal<tf.Rank.R4>(key(1), [2, 3, 4, 5]));

test("all weights are those that an attention holds, or its rows, one after another", async () => {
  const all = weights();
  const row = (query: number) => tf.reshape<tf.Rank.R3>(tf.slice4d(all, [0, 0, query, 0], [2, 3, 1, 5]), [2, 3, 5]);
  const seen: tf.Tensor4D[] = [];
  const context = observingAttention(inference, (attention) => seen.push(allWeights(attention)));
  observeWeights(context, all);
  observeRows(context, { heads: 3, queries: 4, keys: 5, row });
  expect(seen).toHaveLength(2);
  expect(seen[0]).not.toBe(all); // a tensor of the caller's
  for (const each of seen) await expectAllClose(each, all);
});

test("who listened before still hears everything, and paths reach both", () => {
  const heard: string[] = [];
  const observe: Observe = (name, _, path) => heard.push(`${name} ${path.join(".")}`);
  const paths: string[] = [];
  const context = contextAt(
    observingAttention({ ...inference, observe }, (_, path) => paths.push(path.join("."))),
    "block",
  );
  observeWeights(context, weights());
  context.observe?.("output", weights(), context.path);
  expect(heard).toEqual(["attention block", "output block"]);
  expect(paths).toEqual(["block"]);
});

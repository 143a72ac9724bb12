import * as tf from "@tensorflow/tfjs-core";
import "@tensorflow/tfjs-backend-cpu";
import { beforeAll, expect, test } from "vitest";
import { key, normal } from "../index.js";
import { purely } from "./purely.js";

beforeAll(() => tf.setBackend("cpu"));

test("lets pure functions pass, keys among them", () => {
  const y = purely(() => tf.add(normal(key(1), [2, 2]), tf.ones([2, 2])), "layer");
  expect(y.dataSync()).toHaveLength(4);
});

test.each<[string, () => unknown, RegExp]>([
  ["tf.randomNormal", () => tf.randomNormal([2]), /layer: it must draw from the context's key/],
  ["tf.randomUniform", () => tf.randomUniform([2]), /layer: it must draw from the context's key/],
  ["Math.random", () => Math.random(), /layer: it must draw from the context's key/],
  ["dataSync", () => tf.ones([2]).dataSync(), /layer: it must not read values, but calls dataSync\(\)/],
  ["arraySync", () => tf.ones([2]).arraySync(), /layer: it must not read values, but calls arraySync\(\)/],
])("refuses %s, and leaves the engine as it was", (_, fn, message) => {
  expect(() => purely(fn, "layer")).toThrow(message);
  expect(Math.random()).toBeLessThan(1);
  expect(tf.ones([1]).dataSync()[0]).toBe(1);
});

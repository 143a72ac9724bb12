import type { Tensor3D, Tensor4D } from "@tensorflow/tfjs-core";
import { expect, test } from "vitest";
import { record, whole } from "../config/settings.js";
import { defineAttention, defineMapAttention } from "../contracts/attention.js";
import { defineLayer } from "../contracts/layer.js";
import { resolveAttention } from "./resolve-attention.js";

const sizes: number[] = [];
const local = defineAttention({
  id: "local",
  source: "none",
  defaults: { kernel: 7 },
  settings: record({ kernel: whole() }),
  create({ kernel }) {
    sizes.push(kernel);
    return defineLayer({ init: () => ({}), apply: (_, x: Tensor3D): Tensor3D => x });
  },
});
const map = defineMapAttention({
  id: "map",
  source: "none",
  defaults: {},
  create: () => defineLayer({ init: () => ({}), apply: (_, x: Tensor4D): Tensor4D => x }),
});
const resolve = (ref: Parameters<typeof resolveAttention>[1]) =>
  resolveAttention([local, map], ref, ["self"], "toy: generator.attention");

test("gives the part with the settings of its reference", () => {
  const options = { channels: 8, heads: 2 };
  resolve("local").create(options);
  resolve({ id: "local", kernel: 3 }).create(options);
  expect(sizes).toEqual([7, 3]);
});

test.each([
  ["lcal", 'toy: generator.attention: there is no attention over tokens called "lcal"; did you mean "local"?'],
  ["map", 'toy: generator.attention must be an attention over tokens, got "map", which works on maps; known: local'],
  [{ id: "local", kernel: 0 }, "toy: generator.attention: local: kernel must be a whole number from 1 up, got 0"],
  [{ id: "local", kernl: 1 }, 'local has no setting "kernl"; did you mean "kernel"?'],
])("refuses %j in one sentence", (ref, message) => {
  expect(() => resolve(ref)).toThrow(message);
});

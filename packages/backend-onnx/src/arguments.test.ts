import { key } from "@ganymede/core";
import type { CompileArgument } from "@ganymede/core/compile";
import * as tf from "@tensorflow/tfjs-core";
import "@tensorflow/tfjs-backend-cpu";
import { beforeAll, expect, it } from "vitest";
import { callPattern, fitsCall } from "./arguments.js";

beforeAll(() => tf.setBackend("cpu"));

const call = (): CompileArgument[] => [
  { a: tf.zeros([2, 3]), list: [tf.zeros([4]), { b: tf.zeros([1], "int32") }] },
  key(1),
  "phase",
  null,
  2,
];

const changed = (index: number, argument: CompileArgument): CompileArgument[] => call().with(index, argument);

it("fits a call of the same structure with other values and another key", () => {
  expect(fitsCall(callPattern(call()), call())).toBe(true);
  expect(fitsCall(callPattern(call()), changed(1, key(2)))).toBe(true);
});

it.each<[string, CompileArgument[]]>([
  ["another shape", changed(0, { a: tf.zeros([3, 2]), list: [tf.zeros([4]), { b: tf.zeros([1], "int32") }] })],
  ["another rank", changed(0, { a: tf.zeros([6]), list: [tf.zeros([4]), { b: tf.zeros([1], "int32") }] })],
  ["another type", changed(0, { a: tf.zeros([2, 3]), list: [tf.zeros([4]), { b: tf.zeros([1]) }] })],
  ["another name", changed(0, { c: tf.zeros([2, 3]), list: [tf.zeros([4]), { b: tf.zeros([1], "int32") }] })],
  ["another order", changed(0, { list: [tf.zeros([4]), { b: tf.zeros([1], "int32") }], a: tf.zeros([2, 3]) })],
  [
    "a leaf more",
    changed(0, { a: tf.zeros([2, 3]), list: [tf.zeros([4]), { b: tf.zeros([1], "int32") }, tf.zeros([1])] }),
  ],
  ["a leaf less", changed(0, { a: tf.zeros([2, 3]), list: [tf.zeros([4])] })],
  ["a leaf for a record", changed(0, tf.zeros([2, 3]))],
  ["a plain value for a key", changed(1, 1)],
  ["another plain value", changed(2, "other")],
  ["a tree for nothing", changed(3, tf.zeros([1]))],
  ["an argument less", call().slice(0, 4)],
])("does not fit a call with %s", (_, args) => {
  expect(fitsCall(callPattern(call()), args)).toBe(false);
});

it("tells numbers that are not equal from those that are, NaN from none", () => {
  expect(fitsCall(callPattern([Number.NaN]), [Number.NaN])).toBe(true);
  expect(fitsCall(callPattern([0]), [1])).toBe(false);
});

import * as tf from "@tensorflow/tfjs-core";
import { beforeAll, describe, it } from "vitest";
import { onnxBackend } from "../backend.js";
import { expectAgreement } from "../fixtures/agreement.js";

type Type = "float32" | "int32" | "bool";
const shapes = [[], [3], [2, 3], [2, 0], [2, 1, 3]];

/** The same numbers of both signs, with zeros among the integers, on every call. */
function tensor(type: Type, shape: readonly number[], seed: number): tf.Tensor {
  const size = shape.reduce((product, length) => product * length, 1);
  const numbers = Array.from({ length: size }, (_, i) => 3 * Math.sin(seed + 1.7 * i));
  const values = { float32: numbers, int32: numbers.map(Math.round), bool: numbers.map((x) => (x > 0 ? 1 : 0)) };
  return tf.tensor(values[type], [...shape], type);
}

const unary = {
  abs: tf.abs,
  acos: tf.acos,
  acosh: tf.acosh,
  asin: tf.asin,
  asinh: tf.asinh,
  atan: tf.atan,
  atanh: tf.atanh,
  ceil: tf.ceil,
  cos: tf.cos,
  cosh: tf.cosh,
  elu: tf.elu,
  erf: tf.erf,
  exp: tf.exp,
  expm1: tf.expm1,
  floor: tf.floor,
  isFinite: tf.isFinite,
  isInf: tf.isInf,
  isNaN: tf.isNaN,
  leakyRelu: (x: tf.Tensor) => tf.leakyRelu(x),
  log: tf.log,
  log1p: tf.log1p,
  neg: tf.neg,
  prod: (x: tf.Tensor) => tf.prod(x),
  reciprocal: tf.reciprocal,
  relu: tf.relu,
  relu6: tf.relu6,
  reverse: (x: tf.Tensor) => tf.reverse(x),
  round: tf.round,
  rsqrt: tf.rsqrt,
  selu: tf.selu,
  sigmoid: tf.sigmoid,
  sign: tf.sign,
  sin: tf.sin,
  sinh: tf.sinh,
  softplus: tf.softplus,
  sqrt: tf.sqrt,
  square: tf.square,
  step: (x: tf.Tensor) => tf.step(x, 0.5),
  sum: (x: tf.Tensor) => tf.sum(x),
  tan: tf.tan,
  tanh: tf.tanh,
  toBool: (x: tf.Tensor) => tf.cast(x, "bool"),
  toFloat: (x: tf.Tensor) => tf.cast(x, "float32"),
  toInteger: (x: tf.Tensor) => tf.cast(tf.div(tf.cast(x, "float32"), tf.cast(tf.greater(x, 0), "float32")), "int32"),
  transpose: (x: tf.Tensor) => tf.transpose(x),
} satisfies Record<string, (x: tf.Tensor) => tf.Tensor>;

const binary = {
  atan2: tf.atan2,
  equal: tf.equal,
  floorDiv: tf.floorDiv,
  greater: tf.greater,
  greaterEqual: tf.greaterEqual,
  less: tf.less,
  lessEqual: tf.lessEqual,
  maximum: tf.maximum,
  minimum: tf.minimum,
  mod: tf.mod,
  mul: tf.mul,
  notEqual: tf.notEqual,
  pow: tf.pow,
} satisfies Record<string, (x: tf.Tensor, y: tf.Tensor) => tf.Tensor>;

/** Operations that tfjs gives floating-point tensors only. */
const floatsOnly = new Set("ceil cos cosh elu erf floor log rsqrt sigmoid sin sqrt tan tanh".split(" "));
const types: readonly Type[] = ["float32", "int32", "bool"];

describe("element types and shapes are those of the reference backend", () => {
  beforeAll(() => onnxBackend().activate());

  it.each(Object.keys(unary))("%s", async (name) => {
    const op = unary[name as keyof typeof unary] as (x: tf.Tensor) => tf.Tensor;
    for (const type of floatsOnly.has(name) ? (["float32"] as const) : types) {
      for (const shape of shapes) await expectAgreement(() => op(tensor(type, shape, 1)));
    }
  });

  it.each(Object.keys(binary))("%s", async (name) => {
    const op = binary[name as keyof typeof binary] as (x: tf.Tensor, y: tf.Tensor) => tf.Tensor;
    for (const type of types) {
      for (const shape of shapes) {
        await expectAgreement(() => op(tensor(type, shape, 1), tensor(type, shape, 2)));
        await expectAgreement(() => op(tensor(type, shape, 1), tensor(type, [], 2)));
      }
    }
  });
});

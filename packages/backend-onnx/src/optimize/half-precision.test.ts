import { compile, GanymedeError, key, normal } from "@ganymede/core";
import { keepFloat32 } from "@ganymede/core/compile";
import "@tensorflow/tfjs-backend-cpu";
import * as tf from "@tensorflow/tfjs-core";
import { beforeAll, describe, expect, it } from "vitest";
import { onnxBackend } from "../backend.js";
import { GraphBuilder } from "../graph/builder.js";
import { binary, matrixProduct, reduce, transpose, unary } from "../graph/operations.js";
import type { Value } from "../graph/value.js";
import { nodesOf } from "../graph/value.js";
import { halfPrecision } from "./half-precision.js";

const b = new GraphBuilder();
const data = b.feed("float32", [4, 8]);
const weight = b.feed("float32", [8, 8]);
const bias = b.feed("float32", [8]);
const product = matrixProduct(b, data, weight, false, false);

/** Types in which the operators of a graph are computed, casts left out. */
function typesOf(outputs: readonly Value[], single: readonly Value[] = []): Record<string, string> {
  const weights = new Set([weight, bias]);
  const graph = halfPrecision(
    { inputs: [data, weight, bias], outputs },
    { weights, single: new Set(single), type: "float16" },
  );
  expect(graph.outputs.map(({ type }) => type)).toEqual(outputs.map(({ type }) => type));
  const nodes = nodesOf(graph.outputs).filter(({ op }) => op !== "Cast");
  return Object.fromEntries(nodes.map(({ op, outputs: [made] }) => [op, made!.type]));
}

describe("which operators are half", () => {
  it.each<[string, Value, Record<string, string>]>([
    ["a product of data", product, { MatMul: "float16" }],
    ["a product of weights alone", matrixProduct(b, weight, weight, false, false), { MatMul: "float32" }],
    [
      "a bias and an activation",
      unary(b, "Relu", binary(b, "Add", product, bias)),
      { MatMul: "float16", Add: "float16", Relu: "float16" },
    ],
    ["what moves numbers", transpose(b, product, [1, 0]), { MatMul: "float16", Transpose: "float16" }],
    ["a mean", reduce(b, "ReduceMean", product, [1], false), { MatMul: "float16", ReduceMean: "float32" }],
    ["an exponential", unary(b, "Exp", product), { MatMul: "float16", Exp: "float32" }],
    ["a square", binary(b, "Mul", product, product), { MatMul: "float16", Mul: "float32" }],
    ["data that no product made", binary(b, "Add", data, bias), { Add: "float32" }],
    ["what meets data in single precision", binary(b, "Sub", product, data), { MatMul: "float16", Sub: "float32" }],
    [
      "a constant that half precision loses",
      binary(b, "Add", product, b.scalar("float32", 1e-8)),
      { MatMul: "float16", Add: "float32" },
    ],
  ])("%s", (_, output, types) => {
    expect(typesOf([output])).toEqual(types);
  });

  it("bfloat16 has the range of float32, so that squares and small constants follow too", () => {
    const types = (output: Value) => {
      const precisions = { weights: new Set([weight, bias]), single: new Set<Value>(), type: "bfloat16" } as const;
      const nodes = nodesOf(halfPrecision({ inputs: [data, weight, bias], outputs: [output] }, precisions).outputs);
      return nodes.filter(({ op }) => op !== "Cast").map(({ op, outputs: [made] }) => [op, made!.type]);
    };
    expect(types(binary(b, "Mul", product, product))).toEqual([
      ["MatMul", "bfloat16"],
      ["Mul", "bfloat16"],
    ]);
    expect(types(binary(b, "Add", product, b.scalar("float32", 1e-8)))).toEqual([
      ["MatMul", "bfloat16"],
      ["Add", "bfloat16"],
    ]);
    expect(types(reduce(b, "ReduceMean", product, [1], false))).toEqual([
      ["MatMul", "bfloat16"],
      ["ReduceMean", "float32"],
    ]);
  });

  it("holds what is asked to be held in single precision", () => {
    expect(typesOf([binary(b, "Add", product, bias)], [product])).toEqual({ MatMul: "float16", Add: "float32" });
  });

  it("takes a value from one product to the next without a way through single precision", () => {
    const next = matrixProduct(b, product, weight, false, false);
    const graph = halfPrecision(
      { inputs: [data, weight], outputs: [next] },
      { weights: new Set([weight]), single: new Set([product]), type: "float16" },
    );
    const casts = nodesOf(graph.outputs).filter(({ op }) => op === "Cast");
    // The data, the weight and the result.
    expect(casts).toHaveLength(3);
  });
});

describe("a function compiled for half precision", () => {
  beforeAll(() => onnxBackend().activate());

  const attend = (weights: tf.Tensor2D, x: tf.Tensor3D): tf.Tensor => {
    const loss = (w: tf.Tensor2D): tf.Scalar => {
      const q = tf.reshape(tf.matMul(tf.reshape(x, [-1, 16]), w), x.shape);
      const shares = tf.softmax(tf.mul(tf.matMul(q, x, false, true), 0.25));
      return tf.mean(tf.square(tf.matMul(shares, x)));
    };
    return tf.grad(loss as (w: tf.Tensor) => tf.Tensor)(weights);
  };

  it("in bfloat16 keeps what is too small for float16, and two digits of a gradient", async () => {
    const [x, one] = [tf.tensor2d([[1e-9]]), tf.ones<tf.Rank.R2>([1, 1])];
    const product = compile((a: tf.Tensor2D, c: tf.Tensor2D) => ({ y: tf.matMul(a, c) as tf.Tensor }), {
      precision: "bfloat16",
    });
    expect(((await (await product(x, one)).y.data())[0] as number) / 1e-9).toBeCloseTo(1, 2);
    const args = [normal(key(1), [16, 16]) as tf.Tensor2D, normal(key(2), [2, 12, 16]) as tf.Tensor3D] as const;
    const exact = await (await compile(attend)(...args)).data();
    const rounded = await (await compile(attend, { precision: "bfloat16", weights: [0] })(...args)).data();
    const scale = Math.max(...exact.map(Math.abs));
    const worst = Math.max(...exact.map((value, i) => Math.abs(value - rounded[i]!))) / scale;
    expect(worst).toBeLessThan(4e-2);
    expect(worst).toBeGreaterThan(5e-4);
  });

  it("computes attention and its gradient to three digits, and not to six", async () => {
    const args = [normal(key(1), [16, 16]) as tf.Tensor2D, normal(key(2), [2, 12, 16]) as tf.Tensor3D] as const;
    const exact = await (await compile(attend)(...args)).data();
    const rounded = await (await compile(attend, { precision: "float16", weights: [0] })(...args)).data();
    const scale = Math.max(...exact.map(Math.abs));
    const worst = Math.max(...exact.map((value, i) => Math.abs(value - rounded[i]!))) / scale;
    expect(worst).toBeLessThan(5e-3);
    expect(worst).toBeGreaterThan(1e-6);
  });

  it("loses what is too small for half precision, unless it is scaled", async () => {
    const [x, one] = [tf.tensor2d([[1e-9]]), tf.ones<tf.Rank.R2>([1, 1])];
    const scaledBy = (scale: number) => (a: tf.Tensor2D, c: tf.Tensor2D) => ({
      y: tf.div(keepFloat32(tf.matMul(tf.mul(a, scale), c)), scale) as tf.Tensor,
    });
    const half = async (scale: number): Promise<number> => {
      const { y } = await compile(scaledBy(scale), { precision: "float16" })(x, one);
      return (await y.data())[0] as number;
    };
    expect(await half(1)).toBe(0);
    expect((await half(2 ** 20)) / 1e-9).toBeCloseTo(1, 2);
  });

  it("is refused where nothing is compiled", async () => {
    await tf.setBackend("cpu");
    const run = compile((x: tf.Tensor2D) => tf.matMul(x, x), { precision: "float16" });
    await expect(run(tf.ones([2, 2]))).rejects.toThrow(GanymedeError);
    await expect(run(tf.ones([2, 2]))).rejects.toThrow(
      /compile: float16 needs a backend that compiles whole functions, got cpu;/,
    );
  });
});

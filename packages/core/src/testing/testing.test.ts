import * as tf from "@tensorflow/tfjs-core";
import "@tensorflow/tfjs-backend-cpu";
import { beforeAll, describe, expect, test } from "vitest";
import type { Context, CrossAttention, CrossInput } from "../index.js";
import {
  defineAttention,
  defineLayer,
  defineMapAttention,
  expectPixels,
  fold,
  key,
  normal,
  uniform,
} from "../index.js";
import { averagePool, linear, mergeHeads, observeWeights, splitHeads } from "../nn/index.js";
import { derivative } from "./finite-difference.js";
import { checkAttention, checkGradients, checkMetric, expectAllClose, expectNoLeaks } from "./index.js";

beforeAll(() => tf.setBackend("cpu"));

test("Ridders' differences find a derivative and know their error", async () => {
  const { value, error } = await derivative(async (t) => Math.exp(1 + 3 * t), 0.2);
  expect(Math.abs(value - 3 * Math.E)).toBeLessThanOrEqual(error + 1e-9);
  expect(error).toBeLessThan(1e-8);
});

describe("checkGradients", () => {
  const x = () => uniform<tf.Rank.R1>(key(1), [6], 0.5, 1.5);

  test("accepts right derivatives", async () => {
    await checkGradients(({ a, b }) => tf.mul(tf.tanh(a), tf.exp(b)), { a: x(), b: x() });
  });

  test("notices a wrong first derivative", async () => {
    const wrong = tf.customGrad((v) => ({
      value: tf.square(v as tf.Tensor),
      gradFunc: (dy: tf.Tensor) => tf.mul(dy, tf.mul(v as tf.Tensor, 2.05)),
    }));
    await expect(checkGradients((v: tf.Tensor1D) => wrong(v), x(), { order: 1 })).rejects.toThrow(
      /gradient of order 1 in the input must be/,
    );
  });

  test("notices a second derivative that lacks a term", async () => {
    const wrong = tf.customGrad((v) => {
      const value = tf.exp(v as tf.Tensor);
      const numbers = value.dataSync();
      return { value, gradFunc: (dy: tf.Tensor) => tf.mul(dy, tf.tensor(numbers, value.shape)) };
    });
    await checkGradients((v: tf.Tensor1D) => wrong(v), x(), { order: 1 });
    await expect(checkGradients((v: tf.Tensor1D) => wrong(v), x())).rejects.toThrow(/gradient of order 2/);
  });

  test("leaves no tensors behind", async () => {
    const inputs = { a: x() };
    await expectNoLeaks(() => checkGradients(({ a }) => tf.sigmoid(a), inputs));
  });
});

test("expectAllClose refuses what is far, NaN, or of another length", async () => {
  await expectAllClose([1, 2], tf.tensor1d([1, 2.000001]));
  await expect(expectAllClose([1], [1.1])).rejects.toThrow(/number 0 must be 1.1/);
  await expect(expectAllClose([Number.NaN], [Number.NaN])).rejects.toThrow(/got NaN/);
  await expect(expectAllClose([1], [1, 2])).rejects.toThrow(/lengths must be equal, got 1 and 2/);
});

test("expectNoLeaks counts what is left", async () => {
  await expect(expectNoLeaks(() => void tf.zeros([1]))).rejects.toThrow(/got 1/);
});

type Report = (context: Context, weights: tf.Tensor4D) => void;

describe("checkAttention", () => {
  const variant = (id: string, change: (logits: tf.Tensor4D) => tf.Tensor4D, report: Report = observeWeights) =>
    defineAttention({
      id,
      source: "test",
      defaults: {},
      create(_, { channels, heads }) {
        const query = linear({ inputs: channels, outputs: channels });
        return defineLayer({
          init: (from) => ({ query: query.init(fold(from, "query")) }),
          apply(params, x: tf.Tensor3D, context) {
            const q = splitHeads(query.apply(params.query, x, context), heads);
            const weights = change(tf.matMul(q, q, false, true) as tf.Tensor4D);
            report(context, weights);
            return mergeHeads(tf.matMul(weights, splitHeads(x, heads)));
          },
        });
      },
    });

  test("accepts a right one", async () => {
    await checkAttention(variant("right", (logits) => tf.softmax(logits)));
  });

  test.each([
    ["a softmax that overflows", (l: tf.Tensor4D) => tf.div(tf.exp(l), tf.sum(tf.exp(l), -1, true)), /must be finite/],
    ["positions in the logits", (l: tf.Tensor4D) => tf.softmax(tf.add(l, tf.range(0, l.shape[3]))), /permuted tokens/],
    ["hidden randomness", (l: tf.Tensor4D) => tf.mul(tf.softmax(l), Math.random()), /applied twice/],
    [
      "no mixing of tokens",
      (l: tf.Tensor4D) => tf.broadcastTo(tf.eye(l.shape[3]), l.shape),
      /no token influences another/,
    ],
    [
      "a leak across the batch",
      (l: tf.Tensor4D) => tf.add(tf.softmax(l), tf.mean(tf.softmax(l), 0, true)),
      /images of a batch must not influence/,
    ],
  ])("notices %s", async (_, change, message) => {
    await expect(checkAttention(variant("wrong", change as never))).rejects.toThrow(message);
  });

  test.each<[string, Report, RegExp]>([
    ["weights that nobody can observe", () => {}, /must report its weights/],
    [
      "rows of another query",
      (context, weights) => {
        const [, heads, queries, keys] = weights.shape;
        const row = () => tf.mean(weights, 2) as tf.Tensor3D;
        context.observe?.("attention", { heads, queries, keys, weights, row }, context.path);
      },
      /observed row of query 0 must equal that of the weights/,
    ],
    [
      "rows of another shape",
      (context, weights) => {
        const [, heads, queries, keys] = weights.shape;
        context.observe?.(
          "attention",
          { heads, queries, keys, row: () => tf.sum(weights, 1) as tf.Tensor3D },
          context.path,
        );
      },
      /observed row of a query must be/,
    ],
  ])("notices %s", async (_, report, message) => {
    await expect(
      checkAttention(
        variant("wrong", (l) => tf.softmax(l), report),
        { order: 0 },
      ),
    ).rejects.toThrow(message);
  });
});

describe("checkAttention and the context", () => {
  const plain = (x: tf.Tensor3D, context: Context) => {
    const weights = tf.softmax(tf.matMul(x, x, false, true) as tf.Tensor3D);
    observeWeights(context, tf.expandDims(weights, 1));
    return tf.matMul(weights, x) as tf.Tensor3D;
  };
  const heeding = (id: string, change: (y: tf.Tensor3D, context: Context) => tf.Tensor3D) =>
    defineAttention({
      id,
      source: "test",
      defaults: {},
      create: () =>
        defineLayer({ init: () => ({}), apply: (_, x: tf.Tensor3D, context) => change(plain(x, context), context) }),
    });
  const dropout = (y: tf.Tensor3D, context: Context) =>
    context.mode === "training" ? (tf.mul(y, normal(context.key, y.shape)) as tf.Tensor3D) : y;

  test("a variant without parameters is right, and so is one that draws and says so", async () => {
    await checkAttention(heeding("plain", (y) => y));
    await checkAttention(heeding("dropout", dropout), { draws: true });
  });

  test.each<[string, Parameters<typeof heeding>[1], boolean, RegExp]>([
    ["a variant that ignores the key", (y) => y, true, /another key gives the same output/],
    ["one that draws and does not say so", dropout, false, /pass draws: true/],
    [
      "randomness of the engine",
      (y, context) => (context.mode === "training" ? tf.mul(y, tf.randomNormal(y.shape)) : y) as tf.Tensor3D,
      true,
      /must draw from the context's key/,
    ],
    [
      "a context that is changed",
      (y, context) => {
        if (context !== undefined) (context as { mode: string }).mode = "inference";
        return y;
      },
      false,
      /must accept a complete context,/,
    ],
    [
      "labels that are disposed of",
      (y, context) => {
        context.labels?.dispose();
        return y;
      },
      false,
      /inputs, parameters and the context are borrowed/,
    ],
  ])("notices %s", async (_, change, draws, message) => {
    await expect(checkAttention(heeding("wrong", change), { draws, order: 0 })).rejects.toThrow(message);
  });
});

test("checkAttention takes attention to a memory too", async () => {
  const cross: CrossAttention = {
    id: "cross",
    source: "test",
    role: "cross",
    defaults: {},
    create(_, { channels }) {
      const query = linear({ inputs: channels, outputs: channels });
      return defineLayer({
        init: query.init,
        apply(params, { x, memory }: { readonly x: tf.Tensor3D; readonly memory: tf.Tensor3D }, context) {
          const weights = tf.softmax(tf.matMul(query.apply(params, x, context), memory, false, true));
          observeWeights(context, tf.expandDims(weights, 1));
          return tf.matMul(weights, memory) as tf.Tensor3D;
        },
      }) as ReturnType<CrossAttention["create"]>;
    },
  };
  await checkAttention(cross);
});

describe("checkAttention for other roles", () => {
  const reading = (heedsMask: boolean): CrossAttention => ({
    id: "reading",
    source: "test",
    role: "cross",
    defaults: {},
    create: () =>
      defineLayer({
        init: () => ({ scale: tf.scalar(0.5) }),
        apply({ scale }: { scale: tf.Scalar }, { x, memory, mask }: CrossInput, context: Context) {
          const logits = tf.mul(tf.matMul(x, memory, false, true), scale) as tf.Tensor3D;
          const added = mask === undefined || !heedsMask ? 0 : tf.mul(tf.sub(1, tf.expandDims(mask, 1)), -1e9);
          const weights = tf.softmax(tf.add(logits, added));
          observeWeights(context, tf.expandDims(weights, 1));
          return tf.matMul(weights, memory) as tf.Tensor3D;
        },
      }) as ReturnType<CrossAttention["create"]>,
  });

  test("a mask must hide", async () => {
    await checkAttention(reading(true), { masks: true });
    await expect(checkAttention(reading(false), { masks: true })).rejects.toThrow(/tokens must not affect the output/);
  });

  test("maps keep their shape", async () => {
    const halving = defineMapAttention({
      id: "halving",
      source: "test",
      defaults: {},
      create: () =>
        defineLayer({
          init: () => ({ scale: tf.scalar(1) }),
          apply: ({ scale }: { scale: tf.Scalar }, x: tf.Tensor4D) => tf.mul(averagePool(x), scale) as tf.Tensor4D,
        }),
    });
    await expect(checkAttention(halving)).rejects.toThrow(/must have the shape \[2, 4, 4, 8\], got \[2, 2, 2, 8\]/);
  });
});

describe("checkMetric", () => {
  const mean = ({ forget = false, careless = false } = {}) => ({
    id: "mean",
    source: "test",
    better: "smaller" as const,
    start: () => ({ count: 0, sum: 0 }),
    async add(state: { count: number; sum: number }, pixels: Uint8Array, shape: [number, number, number, number]) {
      if (!careless) expectPixels(pixels, shape, "mean");
      state.count += shape[0];
      state.sum += pixels.reduce((sum, value) => sum + value, 0);
    },
    finish: (real: { count: number; sum: number }, fake: { count: number; sum: number }) => ({
      id: "mean",
      value: Math.abs(real.sum / real.count - fake.sum / fake.count),
      details: {},
    }),
    save: (state: { count: number; sum: number }) => new Uint8Array(new Float64Array([state.count, state.sum]).buffer),
    load(bytes: Uint8Array) {
      const [count, sum] = new Float64Array(bytes.slice().buffer) as unknown as [number, number];
      return { count, sum: forget ? 0 : sum };
    },
  });

  test("accepts a right one and notices lost statistics", async () => {
    await checkMetric(mean());
    await expect(checkMetric(mean({ forget: true }))).rejects.toThrow(/saved and loaded/);
    const constant = { ...mean(), finish: () => ({ id: "mean", value: 1, details: {} }) };
    await expect(checkMetric(constant)).rejects.toThrow(/must depend on the generated images, got 1 for two/);
    await expect(checkMetric(mean({ careless: true }))).rejects.toThrow(/must reject pixels that are not uint8/);
  });
});

import { compile, fold, key, normal, uniform } from "@ganymede/core";
import * as tf from "@tensorflow/tfjs-core";
import { describe, expect, it } from "vitest";
import { onnxBackend } from "./backend.js";
import { prepareGpu } from "./fixtures/software-gpu.js";
import type { OnnxBackend } from "./recorder.js";

const reason = await prepareGpu();

const engines = ["cpu", "webgpu"] as const;

/** The values that a function's tensors have on the CPU's engine and on the device's. */
async function onBoth(run: () => Promise<tf.Tensor[]> | tf.Tensor[]): Promise<number[][][]> {
  const results: number[][][] = [];
  for (const provider of engines) {
    await onnxBackend({ provider }).activate();
    const tensors = await run();
    results.push((await Promise.all(tensors.map((tensor) => tensor.data()))).map((values) => [...values]));
    tf.dispose(tensors);
  }
  return results;
}

/** Differences are shares of each tensor's largest value. */
function expectClose([reference, ours]: number[][][], tolerance: number): void {
  expect(ours!.map((values) => values.length)).toEqual(reference!.map((values) => values.length));
  ours!.forEach((values, i) => {
    const scale = Math.max(1, ...reference![i]!.map(Math.abs));
    const worst = Math.max(0, ...values.map((value, at) => Math.abs(value - reference![i]![at]!)));
    expect([i, worst / scale <= tolerance ? "close" : worst / scale]).toEqual([i, "close"]);
  });
}

type Weights = { w: tf.Tensor2D; v: tf.Tensor2D };

/** Adam's cousin, momentum, on a network of two layers with noise from keys. */
function trainingStep({ weights, moments }: { weights: Weights; moments: Weights }, runKey: ReturnType<typeof key>) {
  const x = normal(fold(runKey, "x"), [8, 6]);
  const loss = (w: tf.Tensor, v: tf.Tensor): tf.Scalar => {
    const hidden = tf.sigmoid(tf.matMul(x, w as tf.Tensor2D));
    const scores = tf.softmax(tf.matMul(hidden, hidden, false, true));
    return tf.mean(tf.square(tf.matMul(tf.matMul(scores, hidden), v as tf.Tensor2D)));
  };
  const { value, grads } = tf.valueAndGrads(loss)([weights.w, weights.v]);
  const [dw, dv] = grads as [tf.Tensor2D, tf.Tensor2D];
  const next = { w: tf.add(tf.mul(moments.w, 0.9), dw), v: tf.add(tf.mul(moments.v, 0.9), dv) } as Weights;
  const moved = { w: tf.sub(weights.w, tf.mul(next.w, 0.1)), v: tf.sub(weights.v, tf.mul(next.v, 0.1)) } as Weights;
  return { state: { weights: moved, moments: next }, loss: value };
}

function firstState(): { weights: Weights; moments: Weights } {
  const weights = { w: normal(key(1), [6, 16]), v: normal(key(2), [16, 3]) } as Weights;
  return { weights, moments: { w: tf.zerosLike(weights.w), v: tf.zerosLike(weights.v) } };
}

describe.skipIf(reason !== null)(reason === null ? "on a GPU" : `skipped: ${reason}`, () => {
  it("says what it runs on", async () => {
    const { name, autoSkipReason } = await onnxBackend({ provider: "webgpu" }).inspect!();
    expect(name).not.toBe("");
    expect(autoSkipReason === null).toBe(!name.includes("in software"));
  });

  it("computes what the CPU's engine does, of floats, integers and bools", async () => {
    const results = await onBoth(() => {
      const x = tf.reshape(tf.range(-11.5, 12.5), [2, 3, 4]) as tf.Tensor3D;
      const image = tf.reshape(tf.range(0, 96), [1, 4, 8, 3]) as tf.Tensor4D;
      const filter = tf.reshape(tf.linspace(-1, 1, 54), [3, 3, 3, 2]) as tf.Tensor4D;
      const wide = normal(key(7), [1, 4, 4, 6]) as tf.Tensor4D;
      const count = tf.range(0, 24, 1, "int32");
      const either = tf.logicalOr(tf.less(x, -4), tf.greater(x, 3));
      return [
        tf.matMul(x, x, false, true),
        tf.matMul(x, x, true, false),
        tf.sign(x),
        either,
        tf.where(either, x, tf.zerosLike(x)),
        tf.softmax(x),
        tf.erf(x),
        ...[tf.sin, tf.cos, tf.tan].map((op) => op(tf.mul(x, 97.3))),
        tf.transpose(x, [2, 0, 1]),
        tf.cumsum(x, 1),
        tf.conv2d(image, filter, 2, "same"),
        ...tf.grads((a, b) => tf.depthwiseConv2d(a as tf.Tensor4D, b as tf.Tensor4D, 1, "same"))([image, filter]),
        tf.conv2d(wide, normal(key(6), [3, 3, 6, 4]) as tf.Tensor4D, 1, "same"),
        tf.mod(count, tf.scalar(7, "int32")),
        tf.gather(count, tf.tensor1d([3, 1], "int32")),
        tf.concat([x, tf.mul(x, 2)], 1),
        tf.tensor1d([]),
      ];
    });
    expectClose(results, 1e-5);
  });

  it("compiles a function with its gradient and second gradient", async () => {
    const curve = (x: tf.Tensor) => tf.sum(tf.mul(tf.tanh(tf.matMul(x as tf.Tensor2D, x as tf.Tensor2D)), x));
    const step = (x: tf.Tensor) => {
      const gradient = tf.grad(curve);
      return { value: curve(x), first: gradient(x), second: tf.grad((y) => tf.sum(tf.square(gradient(y))))(x) };
    };
    const results = await onBoth(async () => Object.values(await compile(step)(uniform(key(3), [5, 5]))));
    expectClose(results, 1e-4);
  });

  it("trains like the CPU's engine, its state on the device", async () => {
    const results = await onBoth(async () => {
      const step = compile(trainingStep);
      let state = firstState();
      const losses: tf.Tensor[] = [];
      for (let i = 0; i < 5; i++) {
        const next = await step(state, fold(key(4), i));
        tf.dispose([state.weights, state.moments] as never);
        losses.push(next.loss);
        state = next.state;
      }
      return [...losses, state.weights.w, state.weights.v, state.moments.w, state.moments.v];
    });
    expectClose(results, 1e-3);
  });

  it("holds no more memory of the device after 50 steps than after one", async () => {
    await onnxBackend({ provider: "webgpu" }).activate();
    const { pool, store } = tf.backend() as OnnxBackend;
    const step = compile(trainingStep);
    let state = firstState();
    const run = async (count: number): Promise<readonly number[]> => {
      for (let i = 0; i < count; i++) {
        const next = await step(state, fold(key(5), i));
        tf.dispose([state.weights, state.moments, next.loss] as never);
        state = next.state;
      }
      return [tf.memory().numTensors, pool.liveBytes, pool.heldBytes, store.staging.heldBytes];
    };
    const before = await run(3);
    expect(await run(50)).toEqual(before);
    tf.dispose([state.weights, state.moments] as never);
  });

  it("leaves nothing of a training step to the CPU", async () => {
    const backend = onnxBackend({ provider: "webgpu" });
    tf.removeBackend(backend.id);
    const profiler = await backend.activateProfiled!();
    const next = await compile(trainingStep)(firstState(), key(8));
    await next.loss.data();
    tf.dispose([next.state.weights, next.state.moments, next.loss] as never);
    const [graph] = await profiler.finish();
    const operators = graph!.operators.map(({ operator }) => operator);
    expect(operators).toContain("MatMul");
    // A crossing would show as MemcpyToHost or MemcpyFromHost.
    expect(operators.filter((operator) => operator.startsWith("Memcpy"))).toEqual([]);
  });

  it("runs beside the CPU's engine, and again after it ended", async () => {
    await onnxBackend({ provider: "webgpu" }).activate();
    const onDevice = tf.square(tf.tensor1d([1, 2, 3]));
    await onnxBackend().activate();
    // A tensor that meets another backend is moved there.
    expect([...(await tf.add(onDevice, 1).data())]).toEqual([2, 5, 10]);
    tf.removeBackend("onnx-webgpu");
    await onnxBackend({ provider: "webgpu" }).activate();
    expect([...(await tf.square(tf.tensor1d([4])).data())]).toEqual([16]);
  });
});

it("says of an engine that is not here why, and what to type", async () => {
  const elsewhere = process.platform === "darwin" ? "dml" : "coreml";
  expect(await onnxBackend({ provider: elsewhere }).unavailable()).toMatch(/built without .*; use --backend onnx/);
});

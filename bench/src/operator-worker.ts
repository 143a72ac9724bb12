import { tiledSoftmaxProduct } from "@ganymede/attention";
import { onnxBackend } from "@ganymede/backend-onnx";
import type { ParamTree } from "@ganymede/core";
import { compile, disposeTree, fold, key, normal } from "@ganymede/core";
import type { FeatureSize } from "@ganymede/metrics";
import { convolutionsFor, inceptionExtractor } from "@ganymede/metrics";
import * as tf from "@tensorflow/tfjs-core";
import type { OperatorSettings } from "./operator-settings.js";
import { serve } from "./serve.js";

const draw = (label: string, shape: number[]): tf.Tensor4D =>
  normal(fold(key(1), label), shape as [number, number, number, number]);

/** A compiled function of fixed inputs, timed until its results are there. */
function timed(inputs: readonly tf.Tensor[], fn: (...inputs: tf.Tensor[]) => ParamTree): () => Promise<number> {
  const run = compile((list: readonly tf.Tensor[]) => fn(...list));
  return async () => {
    const start = performance.now();
    const result = await run(inputs);
    const elapsed = performance.now() - start;
    disposeTree(result);
    return elapsed;
  };
}

type Product = (q: tf.Tensor4D, k: tf.Tensor4D, v: tf.Tensor4D) => tf.Tensor;

const plain: Product = (q, k, v) => {
  const logits = tf.matMul(tf.mul(q, 1 / Math.sqrt(q.shape[3])), k, false, true);
  return tf.matMul(tf.softmax(logits), v);
};

const tiled: Product = (q, k, v) => {
  const bias = tf.zeros<tf.Rank.R4>([q.shape[0], q.shape[1], 1, k.shape[2]]);
  return tiledSoftmaxProduct(tf.mul(q, 1 / Math.sqrt(q.shape[3])), k, v, bias);
};

function attention(shape: number[], product: Product): () => Promise<number> {
  const loss = (...args: tf.Tensor[]): tf.Scalar =>
    tf.sum(tf.square(product(...(args as [tf.Tensor4D, tf.Tensor4D, tf.Tensor4D])))) as tf.Scalar;
  return timed([draw("q", shape), draw("k", shape), draw("v", shape)], (...args) => tf.grads(loss)(args));
}

function convolution(batch: number, channels: number, side: number): () => Promise<number> {
  const loss = (x: tf.Tensor, ...filters: tf.Tensor[]): tf.Scalar => {
    const y = filters.reduce((z, w) => tf.leakyRelu(tf.conv2d(z as tf.Tensor4D, w as tf.Tensor4D, 1, "same"), 0.2), x);
    return tf.sum(tf.square(y)) as tf.Scalar;
  };
  const filters = ["a", "b"].map((label) => draw(label, [3, 3, channels, channels]));
  return timed([draw("x", [batch, side, side, channels]), ...filters], (x, ...w) =>
    tf.grads((...args: tf.Tensor[]) => loss(args[0] as tf.Tensor, ...args.slice(1)))([x as tf.Tensor, ...w]),
  );
}

/** The time does not depend on the weights, so these are random, of a size that keeps activations near 1. */
function inception(batch: number, dims: FeatureSize): () => Promise<number> {
  const layers = Object.fromEntries(
    convolutionsFor(dims).map(({ name, inputs, outputs, kernel: [height, width] }) => {
      const kernel = tf.mul(draw(name, [height, width, inputs, outputs]), Math.sqrt(2 / (height * width * inputs)));
      return [name, { kernel: kernel as tf.Tensor4D, bias: tf.zeros<tf.Rank.R1>([outputs]) }];
    }),
  );
  const extractor = inceptionExtractor({ id: "random", dims: [dims], layers });
  const images = Uint8Array.from({ length: batch * 32 * 32 * 3 }, (_, i) => (i * 7919) % 251);
  return async () => {
    const start = performance.now();
    await extractor.features(images, [batch, 32, 32, 3], dims);
    return performance.now() - start;
  };
}

async function start(settings: OperatorSettings): Promise<() => Promise<number>> {
  await onnxBackend({ threads: settings.threads }).activate();
  switch (settings.case) {
    case "inception":
      return inception(settings.batch, settings.dims);
    case "convolution":
      return convolution(settings.batch, settings.channels, settings.side);
    default: {
      const shape = [settings.batch, settings.heads, settings.tokens, settings.width];
      return attention(shape, settings.case === "efficient-attention" ? tiled : plain);
    }
  }
}

// One operator, timed in a process of its own.
await serve(await start(JSON.parse(process.argv[2]!) as OperatorSettings));

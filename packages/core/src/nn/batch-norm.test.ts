import * as tf from "@tensorflow/tfjs-core";
import { inference, training as trainingContext } from "./context.js";
import "@tensorflow/tfjs-backend-cpu";
import { beforeAll, describe, expect, test } from "vitest";
import { key, normal } from "../index.js";
import { checkGradients, expectAllClose } from "../testing/index.js";
import { batchNorm, conditionalBatchNorm } from "./index.js";

beforeAll(() => tf.setBackend("cpu"));

const training = trainingContext(key(1));
const labels = tf.tensor1d([1, 0, 1], "int32");

/** The values of one channel of x `[B, H, W, C]`. */
function channelOf(x: tf.Tensor4D, channel: number): number[] {
  return Array.from(x.dataSync()).filter((_, index) => index % x.shape[3] === channel);
}

function moments(values: readonly number[]) {
  const mean = values.reduce((sum, value) => sum + value, 0) / values.length;
  return { mean, variance: values.reduce((sum, value) => sum + (value - mean) ** 2, 0) / values.length };
}

describe("batchNorm", () => {
  const layer = batchNorm({ width: 2, decay: 0.75 });
  const x = tf.add(tf.mul(normal<tf.Rank.R4>(key(2), [3, 2, 4, 2]), 3), 5) as tf.Tensor4D;

  test("gives every channel mean 0 and variance 1 in training, and the learned scale and shift on top", async () => {
    const params = { ...layer.init(key(0)), scale: tf.tensor1d([1, 2]), shift: tf.tensor1d([0, 7]) };
    const y = layer.apply(params, x, training) as tf.Tensor4D;
    for (const [channel, expected] of [
      [0, { mean: 0, variance: 1 }],
      [1, { mean: 7, variance: 4 }],
    ] as const) {
      const { mean, variance } = moments(channelOf(y, channel));
      await expectAllClose([mean, variance], [expected.mean, expected.variance], { absolute: 1e-4 });
    }
  });

  test("hands in the next statistics, and samples with those that it has", async () => {
    const params = layer.init(key(0));
    const handed = new Map<tf.Tensor, tf.Tensor>();
    layer.apply(params, x, { ...training, update: (leaf, next) => handed.set(leaf, next) });
    const { mean, variance } = moments(channelOf(x, 1));
    await expectAllClose(
      [handed.get(params.statistics.mean)!.dataSync()[1]!, handed.get(params.statistics.variance)!.dataSync()[1]!],
      [0.25 * mean, 0.75 + 0.25 * variance],
    );
    const kept = { mean: tf.tensor1d([5, 6]), variance: tf.tensor1d([4, 9]) };
    const sampled = layer.apply({ ...params, statistics: kept }, x, inference);
    await expectAllClose(sampled, tf.div(tf.sub(x, tf.tensor1d([5, 6])), tf.sqrt(tf.tensor1d([4 + 1e-5, 9 + 1e-5]))));
  });

  test("samples with the statistics of the batch where that is asked for", async () => {
    const own = batchNorm({ width: 2, sampling: "batch" });
    const params = own.init(key(0));
    await expectAllClose(own.apply(params, x, inference), own.apply(params, x, training));
  });

  test("has right first and second derivatives through the statistics of the batch", async () => {
    const { statistics, ...learned } = layer.init(key(0));
    const inputs = { learned, x: normal<tf.Rank.R4>(key(3), [2, 2, 2, 2]) };
    await checkGradients((given) => layer.apply({ ...given.learned, statistics }, given.x, training), inputs);
  });
});

describe("conditionalBatchNorm", () => {
  const layer = conditionalBatchNorm({ width: 2, classes: 2, start: "random" });
  const x = normal<tf.Rank.R4>(key(4), [3, 2, 2, 2]);

  test("is the plain norm with the scale and shift of each image's class", async () => {
    const params = layer.init(key(5));
    const plain = batchNorm({ width: 2 });
    const y = layer.apply(params, x, { ...training, labels });
    const base = plain.apply(plain.init(key(0)), x, training).dataSync();
    const [scale, shift] = [params.scale.weight.dataSync(), params.shift.weight.dataSync()];
    const classOf = [1, 0, 1];
    const expected = Array.from(base, (value, index) => {
      const place = classOf[Math.floor(index / 8)]! * 2 + (index % 2);
      return (1 + scale[place]!) * value + shift[place]!;
    });
    await expectAllClose(y, expected, { absolute: 1e-5 });
  });

  test("starts as the plain norm unless it is told to start at random", async () => {
    const start = conditionalBatchNorm({ width: 2, classes: 2 });
    const plain = batchNorm({ width: 2 });
    await expectAllClose(
      start.apply(start.init(key(5)), x, { ...training, labels }),
      plain.apply(plain.init(key(0)), x, training),
    );
  });

  test("asks for labels", () => {
    expect(() => layer.apply(layer.init(key(5)), x, training)).toThrow(/must have labels/);
  });

  test("has right first and second derivatives", async () => {
    const { statistics, ...learned } = layer.init(key(5));
    const context = { ...training, labels };
    await checkGradients((given) => layer.apply({ ...given.learned, statistics }, given.x, context), { learned, x });
  });
});

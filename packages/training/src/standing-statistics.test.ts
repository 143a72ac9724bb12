import * as tf from "@tensorflow/tfjs-core";
import "@tensorflow/tfjs-backend-cpu";
import type { AdversarialModel, Context, ParamTree, TrainingConfig } from "@ganymede/core";
import { defineLayer, fold, key, normal } from "@ganymede/core";
import type { BatchNormParams } from "@ganymede/core/nn";
import { batchNorm } from "@ganymede/core/nn";
import { expectAllClose } from "@ganymede/core/testing";
import { beforeAll, expect, test } from "vitest";
import { drawnStanding } from "./drawn-standing.js";
import { standingStatistics } from "./standing-statistics.js";
import { createTrainStep } from "./step/train-step.js";

beforeAll(() => tf.setBackend("cpu"));

const adam = { id: "adam", learningRate: 0.01, beta1: 0, beta2: 0.9 };

const training: TrainingConfig = {
  batch: 2,
  optimizer: { generator: adam, discriminator: adam },
  loss: "hinge",
  ema: { halfLifeImages: 10, rampUp: 0, startImages: 0 },
};

type Params = { readonly scale: tf.Tensor; readonly norm?: BatchNormParams };

/** Images are scale z, normed where `sampling` says how; the scale is a weight that is doubled before each use. */
function modelOf(sampling: "running" | "batch" | null): AdversarialModel {
  const norm = batchNorm<tf.Tensor>({ width: 4, decay: 0.999, sampling: sampling ?? "running" });
  const draw = (params: Params, z: tf.Tensor2D, context: Context) => {
    const x = tf.reshape(tf.mul(z, params.scale), [-1, 2, 2, 1]);
    if (params.norm === undefined) return x as tf.Tensor4D;
    const flat = tf.reshape(x, [-1, 4]);
    return tf.reshape(norm.apply(params.norm, flat, context), [-1, 2, 2, 1]) as tf.Tensor4D;
  };
  const generator = defineLayer({
    init: (from): Params => ({ scale: tf.scalar(3), ...(sampling === null ? {} : { norm: norm.init(from) }) }),
    apply: draw,
  });
  const discriminator = defineLayer({
    init: () => ({ weight: tf.ones([4, 1]) }),
    apply: (params: { readonly weight: tf.Tensor }, images: tf.Tensor4D) =>
      tf.reshape(tf.matMul(tf.reshape(images, [-1, 4]), params.weight as tf.Tensor2D), [-1]) as tf.Tensor1D,
  });
  const generatorWeights = {
    init: () => ({}),
    apply: (params: Params) => ({ ...params, scale: tf.mul(params.scale, 2) }),
    advance: () => ({}),
  };
  const shape = { latentSize: 4, imageShape: [2, 2, 1] };
  return { ...shape, generator, discriminator, generatorWeights } as unknown as AdversarialModel;
}

const gather = { passes: 3, batch: 5, key: key(7) };

test("statistics are the means over passes of what the averaged, transformed weights give, whatever stood there", async () => {
  const train = createTrainStep<ParamTree, ParamTree>(modelOf("running"), training);
  const state = train.init(key(1));
  const before = tf.memory().numTensors;
  const { norm, scale } = (await standingStatistics(train, state, gather)) as Required<Params>;
  expect(tf.memory().numTensors - before).toBe(5);
  const passes = [0, 1, 2].map((pass) => tf.mul(normal(fold(fold(gather.key, pass), "z"), [5, 4]), 6));
  const moments = passes.map((x) => tf.moments(x, 0));
  await expectAllClose(norm.statistics.mean, tf.mean(tf.stack(moments.map(({ mean }) => mean)), 0));
  await expectAllClose(norm.statistics.variance, tf.mean(tf.stack(moments.map(({ variance }) => variance)), 0));
  expect(norm.statistics.variance.dataSync()[0]).toBeGreaterThan(5);
  await expectAllClose(scale, [3]);
});

test("a model that would draw by the statistics of a batch draws by those that stand", async () => {
  const z = normal<tf.Rank.R2>(key(4), [6, 4]);
  const alone = tf.slice2d(z, [2, 0], [1, 4]);
  const drawn = async (model: AdversarialModel) => {
    const train = createTrainStep<ParamTree, ParamTree>(model, training);
    const { generatorWeightState, ...state } = train.init(key(1));
    const average = await standingStatistics(train, { average: state.average, generatorWeightState }, gather);
    const sample = (latents: tf.Tensor2D) => train.sample({ average, generatorWeightState }, latents);
    return [sample(alone), tf.slice4d(sample(z), [2, 0, 0, 0], [1, 2, 2, 1])] as const;
  };
  const [one, among] = await drawn(drawnStanding(modelOf("batch")));
  await expectAllClose(one, among, { absolute: 1e-6 });
  const [blank, other] = await drawn(modelOf("batch"));
  await expect(expectAllClose(blank, other)).rejects.toThrow();
});

test("a generator without statistics is refused", async () => {
  const train = createTrainStep<ParamTree, ParamTree>(modelOf(null), training);
  await expect(standingStatistics(train, train.init(key(1)), gather)).rejects.toThrow(
    /must have norms over the batch, but it has no running statistics/,
  );
});

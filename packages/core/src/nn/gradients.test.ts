import * as tf from "@tensorflow/tfjs-core";
import { inference } from "./context.js";
import "@tensorflow/tfjs-backend-cpu";
import { beforeAll, describe, test } from "vitest";
import { fold, key, normal } from "../index.js";
import { checkGradients } from "../testing/index.js";
import * as nn from "./index.js";

beforeAll(() => tf.setBackend("cpu"));

const images = (seed: number, side = 4, channels = 3) =>
  normal<tf.Rank.R4>(fold(key(7), seed), [2, side, side, channels]);
const tokens = (width = 4) => normal<tf.Rank.R3>(key(8), [2, 3, width]);
const vectors = (width = 4) => normal<tf.Rank.R2>(key(9), [2, width]);

describe("operations have right first and second derivatives", () => {
  const ops: Readonly<Record<string, (x: tf.Tensor4D) => tf.Tensor>> = {
    gelu: nn.gelu,
    silu: nn.silu,
    layerNormalize: (x) => nn.layerNormalize(x, 1e-3),
    pixelNorm: (x) => nn.pixelNorm(x),
    unitNorm: (x) => nn.unitNorm(x),
    pixelShuffle: (x) => tf.tanh(nn.pixelShuffle(tf.concat([x, x, x, x], 3), 2)),
    averagePool: (x) => tf.tanh(nn.averagePool(x)),
    upsample: (x) => tf.tanh(nn.upsample(x)),
    filter: (x) => tf.tanh(nn.filter(x, { taps: [1, 3, 3, 1], padding: [2, 1] })),
    zeroStuff: (x) => tf.tanh(nn.zeroStuff(x)),
    keepEvery: (x) => tf.tanh(nn.keepEvery(x)),
    minibatchStdDev: (x) => nn.minibatchStdDev(x, { groupSize: 2 }),
    overlappingPatches: (x) => tf.tanh(nn.overlappingPatches(x, 2)),
  };
  test.each(Object.keys(ops))("%s", async (name) => {
    await checkGradients((x: tf.Tensor4D) => ops[name]!(x), images(1), { who: name });
  });

  test("scaledLeakyRelu, away from its kink", async () => {
    const x = tf.add(tf.abs(images(2)), 0.5);
    const signs = tf.sign(images(3));
    await checkGradients((v: tf.Tensor) => tf.square(nn.scaledLeakyRelu(v)), tf.mul(x, signs), { step: 0.02 });
  });
});

describe("layers have right first and second derivatives in parameters and inputs", () => {
  test.each([
    ["linear", nn.linear({ inputs: 4, outputs: 3 })],
    ["equalizedLinear", nn.equalizedLinear({ inputs: 4, outputs: 3, multiplier: 0.5 })],
    ["layerNorm", nn.layerNorm({ width: 4, epsilon: 1e-3 })],
    ["mlp", nn.mlp({ width: 4, hidden: 5 })],
    [
      "transformerBlock",
      nn.transformerBlock({
        width: 4,
        hidden: 5,
        attention: nn.linear({ inputs: 4, outputs: 4 }) as nn.TokenLayer,
        keep: 2,
      }),
    ],
  ])("%s", async (who, layer) => {
    const params = layer.init(key(1)) as never;
    await checkGradients(
      (tree: { params: never; x: tf.Tensor3D }) => tf.tanh(layer.apply(tree.params, tree.x, inference)),
      {
        params,
        x: tokens(),
      } as never,
      { who },
    );
  });

  test.each(["paper", "release"] as const)("selfModulatedNorm, %s", async (form) => {
    const layer = nn.selfModulatedNorm({ width: 4, styleWidth: 3, epsilon: 1e-3, form });
    const inputs = { params: layer.init(key(1)), x: tokens(), style: vectors(3) };
    await checkGradients(({ params, x, style }) => layer.apply(params, { x, style }, inference), inputs);
  });

  test.each([true, false])("modulatedLinear, demodulate %s, own and shared points", async (demodulate) => {
    const layer = nn.modulatedLinear({ inputs: 4, outputs: 3, styleWidth: 5, demodulate });
    const params = layer.init(key(1));
    const style = vectors(5);
    await checkGradients((tree) => layer.apply(tree.params, tree, inference), { params, style, x: tokens() });
    await checkGradients((tree) => layer.apply(tree.params, tree, inference), { params, style, x: vectors() });
  });

  test("modulatedConvolution", async () => {
    const weight = normal<tf.Rank.R4>(key(4), [3, 3, 3, 2]);
    const inputs = { x: images(1), style: vectors(3), weight };
    await checkGradients(({ x, style, weight: w }) => nn.modulatedConvolution(x, style, w, true), inputs);
  });

  test("equalizedConvolution with a stride", async () => {
    const layer = nn.equalizedConvolution({ inputs: 3, outputs: 2, kernel: 3, stride: 2, padding: "valid" });
    const inputs = { params: layer.init(key(1)), x: images(1, 5) };
    await checkGradients(({ params, x }) => tf.tanh(layer.apply(params, x, inference)), inputs);
  });

  test("fourierFeatures and patchEmbedding", async () => {
    const fourier = nn.fourierFeatures({ width: 5 });
    await checkGradients((params) => fourier.apply(params, nn.gridPositions(2), inference), fourier.init(key(1)));
    const embed = nn.patchEmbedding({ patchSize: 2, channels: 3, width: 4, overlap: true });
    const inputs = { params: embed.init(key(1)), x: images(1) };
    await checkGradients(({ params, x }) => tf.tanh(embed.apply(params, x, inference)), inputs);
  });

  test("spectral norms, with u and v constant", async () => {
    const params = { weight: normal<tf.Rank.R2>(key(1), [4, 3]) };
    for (const transform of [nn.spectralNorm<typeof params>(), nn.improvedSpectralNorm<typeof params>()]) {
      const state = transform.advance(params, transform.init(params, key(2)));
      await checkGradients((tree) => tf.tanh(transform.apply(tree, state).weight), params);
    }
  });

  test("the release's spectral norm, through its power iteration", async () => {
    const params = { weight: normal<tf.Rank.R2>(key(1), [4, 3]) };
    const transform = nn.releaseSpectralNorm<typeof params>();
    const state = transform.init({ weight: normal<tf.Rank.R2>(key(3), [4, 3]) }, key(2));
    await checkGradients((tree) => tf.tanh(transform.apply(tree, state).weight), params);
  });
});

import { differentiate, inference } from "@ganymede/core";
import { createDiscriminator } from "@ganymede/models-gansformer";
import { squaredNorms } from "@ganymede/training";
import * as tf from "@tensorflow/tfjs-core";
import type { Adapter, Golden } from "../adapter.js";
import type { SourceArchitecture } from "./gansformer-config.js";
import { architectureOf } from "./gansformer-config.js";
import { flattenedAt, linearAt, toImages, toKernel } from "./layout.js";

interface DiscriminatorFile {
  readonly img_resolution: number;
  readonly img_channels: number;
  readonly channel_base: number;
  readonly channel_max: number;
  readonly architecture: SourceArchitecture;
  readonly mbstd_group: number;
  readonly mbstd_channels: number;
  readonly resample_filter?: readonly number[];
}

function convolutionAt(golden: Golden, prefix: string) {
  const weight = toKernel(golden.tensor(`${prefix}weight`));
  const bias = `${prefix}biasAct.bias`;
  return golden.has(bias) ? { weight, bias: golden.tensor<tf.Tensor1D>(bias) } : { weight };
}

export const discriminator: Adapter = (golden) => {
  const config = golden.file.config as unknown as DiscriminatorFile;
  const { img_resolution: size, img_channels: channels, channel_base: channelBase, channel_max: channelMax } = config;
  const layer = createDiscriminator([size, size, channels], {
    channelBase,
    channelMax,
    architecture: architectureOf(config.architecture),
    minibatchStdDev: { groupSize: config.mbstd_group, features: config.mbstd_channels },
    blurTaps: config.resample_filter ?? [1, 3, 3, 1],
    attention: { kind: "none" },
  });
  const sides = Array.from({ length: Math.log2(size / 4) + 1 }, (_, index) => size / 2 ** index);
  const [first, ...others] = sides.filter((side) => golden.has(`b${side}.fromrgb.weight`));
  const params = {
    entry: convolutionAt(golden, `b${first}.fromrgb.`),
    entries: others.map((side) => convolutionAt(golden, `b${side}.fromrgb.`)),
    blocks: sides.slice(0, -1).map((side) => ({
      first: convolutionAt(golden, `b${side}.conv0.`),
      second: convolutionAt(golden, `b${side}.conv1.`),
      ...(golden.has(`b${side}.skip.weight`) ? { skip: convolutionAt(golden, `b${side}.skip.`) } : {}),
    })),
    exit: convolutionAt(golden, "b4.conv."),
    hidden: flattenedAt(golden, "b4.fc.", Math.min(Math.floor(channelBase / 4), channelMax), 4),
    head: linearAt(golden, "b4.out."),
  };
  const judge = (images: tf.Tensor4D) => layer.apply(params, toImages(images), inference);
  const { value, gradient } = differentiate(judge, golden.tensor<tf.Tensor4D>("x"));
  return { out: tf.expandDims(value, 1), "r1.per_sample": squaredNorms(gradient) };
};

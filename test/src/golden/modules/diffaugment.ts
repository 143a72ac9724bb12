import { brightness, contrast, cutout, saturation, translate } from "@ganymede/core";
import type * as tf from "@tensorflow/tfjs-core";
import type { Adapter, Golden } from "../adapter.js";
import { fromImages, toImages } from "./layout.js";

interface AugmentConfig {
  readonly policy: string;
  readonly cutout_ratio: number;
}

type Operation = (x: tf.Tensor4D, draws: string, golden: Golden) => tf.Tensor4D;

const drawn = (golden: Golden, name: string) => golden.constant<tf.Tensor1D>(name);

const operations = {
  brightness: (x, draws, golden) => brightness(x, drawn(golden, `${draws}brightness.r`)),
  saturation: (x, draws, golden) => saturation(x, drawn(golden, `${draws}saturation.r`)),
  contrast: (x, draws, golden) => contrast(x, drawn(golden, `${draws}contrast.r`)),
  translation: (x, draws, golden) =>
    translate(x, drawn(golden, `${draws}translation.t_rows`), drawn(golden, `${draws}translation.t_cols`)),
  cutout(x, draws, golden) {
    const { cutout_ratio: ratio } = golden.file.config as unknown as AugmentConfig;
    return cutout(x, drawn(golden, `${draws}cutout.offset_rows`), drawn(golden, `${draws}cutout.offset_cols`), ratio);
  },
} satisfies Record<string, Operation>;

type Name = keyof typeof operations;

const steps: Readonly<Record<string, readonly Name[]>> = {
  color: ["brightness", "saturation", "contrast"],
  translation: ["translation"],
  cutout: ["cutout"],
};

export const diffAugmentation: Adapter = (golden) => {
  const { policy } = golden.file.config as unknown as AugmentConfig;
  const x = toImages(golden.tensor("x"));
  const used = policy.split(",").flatMap((step) => steps[step] ?? []);
  const outputs: Record<string, tf.Tensor> = {};
  for (const name of used) outputs[`${name}.out`] = fromImages(operations[name](x, "", golden));
  outputs["policy.out"] = fromImages(used.reduce((y, name) => operations[name](y, "policy.", golden), x));
  return outputs;
};

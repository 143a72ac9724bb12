import { brightness, contrast, cutout, saturation, translate } from "@ganymede/training";
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

/** The operations of one step of a policy: `color` is three, every other step is an operation by its own name. */
function operationsOf(step: string): readonly Name[] {
  if (step === "color") return ["brightness", "saturation", "contrast"];
  if (Object.hasOwn(operations, step)) return [step as Name];
  throw new Error(`diffaugment: a policy is made of color and ${Object.keys(operations).join(", ")}, got "${step}"`);
}

export const diffAugmentation: Adapter = (golden) => {
  const { policy } = golden.file.config as unknown as AugmentConfig;
  const x = toImages(golden.tensor("x"));
  const outputs: Record<string, tf.Tensor> = {};
  for (const output of golden.file.outputs) {
    if (output === "policy.out") {
      const order = policy.split(",").flatMap(operationsOf);
      outputs[output] = fromImages(order.reduce((y, name) => operations[name](y, "policy.", golden), x));
      continue;
    }
    for (const name of operationsOf(output.replace(/\.out$/, ""))) {
      outputs[output] = fromImages(operations[name](x, "", golden));
    }
  }
  return outputs;
};

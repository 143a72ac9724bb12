import { fold, key, normal } from "@ganymede/core";
import { checkGradients } from "@ganymede/core/testing";
import * as tf from "@tensorflow/tfjs-core";
import "@tensorflow/tfjs-backend-cpu";
import { beforeAll, describe, test } from "vitest";
import { brightness, contrast, saturation } from "./color.js";
import { cutout } from "./cutout.js";
import { mirror } from "./mirror.js";
import { translate } from "./translation.js";

beforeAll(() => tf.setBackend("cpu"));

const images = normal<tf.Rank.R4>(fold(key(7), 1), [2, 4, 4, 3]);

describe("augmentations have right first and second derivatives", () => {
  const ops: Readonly<Record<string, (x: tf.Tensor4D) => tf.Tensor>> = {
    brightness: (x) => tf.tanh(brightness(x, tf.tensor1d([0.2, 0.9]))),
    saturation: (x) => tf.tanh(saturation(x, tf.tensor1d([0.2, 0.9]))),
    contrast: (x) => tf.tanh(contrast(x, tf.tensor1d([0.2, 0.9]))),
    translate: (x) => tf.tanh(translate(x, tf.tensor1d([1, -1], "int32"), tf.tensor1d([0, 2], "int32"))),
    cutout: (x) => tf.tanh(cutout(x, tf.tensor1d([0, 3], "int32"), tf.tensor1d([1, 4], "int32"), 0.5)),
    mirror: (x) => tf.tanh(mirror(x, tf.tensor1d([0, 1]))),
  };
  test.each(Object.keys(ops))("%s", async (name) => {
    await checkGradients((x: tf.Tensor4D) => ops[name]!(x), images, { who: name });
  });
});

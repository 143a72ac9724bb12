import "@ganymede/core";
import * as tf from "@tensorflow/tfjs-core";
import { expect, it } from "vitest";
import { keepGradients } from "./keep-gradients.js";
import { mendUtil } from "./mend-util.js";

it("puts back what Node removed, and leaves what is there", () => {
  const own = () => true;
  const util: Record<string, unknown> = { isArray: own };
  mendUtil(util);
  expect(util.isArray).toBe(own);
  expect([null, undefined, 0, ""].map(util.isNullOrUndefined as (x: unknown) => boolean)).toEqual([
    true,
    true,
    false,
    false,
  ]);
});

it("keeps core's gradients, and takes away those that it does not have", () => {
  const gradFunc = () => ({});
  const own = tf.getGradient("Tanh");
  expect([own === undefined, tf.getGradient("Einsum")]).toEqual([false, undefined]);
  keepGradients(() => {
    tf.unregisterGradient("Tanh");
    tf.registerGradient({ kernelName: "Tanh", gradFunc });
    tf.registerGradient({ kernelName: "Einsum", gradFunc });
  });
  expect([tf.getGradient("Tanh"), tf.getGradient("Einsum")]).toEqual([own, undefined]);
});

import * as tf from "@tensorflow/tfjs-core";
import "@tensorflow/tfjs-backend-cpu";
import type { GeneratorPass, ParamTree, TermInputs } from "@ganymede/core";
import { key, normal } from "@ganymede/core";
import { expectAllClose } from "@ganymede/core/testing";
import { beforeAll, expect, test } from "vitest";
import { pathLength, pathLengths } from "./path-length.js";

beforeAll(() => tf.setBackend("cpu"));

test("lengths are the root of the mean over layers of squared norms", async () => {
  const gradients = tf.tensor3d([3, 4, 0, 0, 1, 2, 2, 4], [2, 2, 2]);
  await expectAllClose(pathLengths(gradients), [Math.sqrt(25 / 2), Math.sqrt((5 + 20) / 2)], { relative: 1e-6 });
});

const layers = {
  mapping: (_: ParamTree, z: tf.Tensor2D) => tf.reshape(z, [-1, 1, 48]) as tf.Tensor3D,
  synthesis: (scale: tf.Scalar, styles: tf.Tensor3D) => tf.mul(tf.reshape(styles, [-1, 4, 4, 3]), scale) as tf.Tensor4D,
};

/** Images that are scale * style, so that every path has the length scale * |y| with |y|^2 near 1 on average. */
const pass = (weights: number | tf.Scalar) =>
  ({
    batch: 64,
    weights: typeof weights === "number" ? tf.scalar(weights) : weights,
    drawLatents: (_: unknown, count: number) => ({ z: normal<tf.Rank.R2>(key(2), [count, 48]) }),
    context: () => ({ mode: "inference" }),
    key: key(5),
  }) as unknown as GeneratorPass;

const create = (settings: object) =>
  pathLength(settings).create({ model: { styles: { layers } }, where: "path-length" } as unknown as TermInputs);

test("the penalty is weight * mean (length - running mean)^2 on a smaller batch, and the mean follows", () => {
  const term = create({ weight: 2, every: 4, decay: 0.5, batchShrink: 2 });
  const { value, memory } = term.apply!(pass(3), term.init!());
  const mean = memory!.mean.dataSync()[0]!;
  // |y| of 48 draws of deviation 1/4 is close to sqrt(3).
  expect(mean).toBeCloseTo(0.5 * 3 * Math.sqrt(3), 0);
  expect(value.dataSync()[0]).toBeGreaterThan(2 * 0.9 * mean ** 2);
  expect(term.every).toBe(4);
  const settled = term.apply!(pass(3), { mean: tf.scalar(3 * Math.sqrt(3)) });
  expect(settled.value.dataSync()[0]).toBeLessThan(value.dataSync()[0]! / 10);
});

test("its gradient with respect to the generator equals a finite difference", () => {
  const term = create({ weight: 2, every: 1 });
  const at = (scale: tf.Scalar) => term.apply!(pass(scale), { mean: tf.scalar(1) }).value;
  const slope = tf
    .grad((scale) => at(scale as tf.Scalar))(tf.scalar(1.5))
    .dataSync()[0]!;
  const step = 1e-2;
  const difference = (at(tf.scalar(1.5 + step)).dataSync()[0]! - at(tf.scalar(1.5 - step)).dataSync()[0]!) / (2 * step);
  expect(slope).toBeCloseTo(difference, 1);
  expect(Math.abs(slope)).toBeGreaterThan(0.5);
});

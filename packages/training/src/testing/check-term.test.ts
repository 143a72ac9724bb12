import "@tensorflow/tfjs-backend-cpu";
import type { DiscriminatorTerm, GeneratorTerm, ParamTree, TermInputs } from "@ganymede/core";
import { normal } from "@ganymede/core";
import * as tf from "@tensorflow/tfjs-core";
import { beforeAll, describe, expect, test } from "vitest";
import { checkDiscriminatorTerm, checkGeneratorTerm } from "./index.js";

beforeAll(() => tf.setBackend("cpu"));

const component = <Made>(create: (inputs: TermInputs) => Made) => ({
  id: "mine",
  source: "none",
  defaults: {},
  create: (_: never, inputs: TermInputs) => create(inputs),
});

type Pass = Parameters<DiscriminatorTerm["apply"]>[0];

/** x, without a gradient. */
const detached = (x: tf.Tensor) =>
  tf.customGrad((y) => ({ value: tf.clone(y as tf.Tensor), gradFunc: (dy) => tf.zerosLike(dy as tf.Tensor) }))(x);

describe("checkDiscriminatorTerm", () => {
  /** (mean D(x))^2, with noise of the key. */
  const good: DiscriminatorTerm = {
    every: 2,
    needs: [],
    apply: ({ logits, key }) => ({ value: tf.square(tf.mean(tf.add(logits().real, normal(key, [4])))) }),
  };
  const check = (changes: Partial<DiscriminatorTerm> | ((inputs: TermInputs) => Partial<DiscriminatorTerm>)) =>
    checkDiscriminatorTerm(
      component((inputs) => ({ ...good, ...(typeof changes === "function" ? changes(inputs) : changes) })),
    );
  const counting = { init: () => ({ n: tf.scalar(0) }) };
  const value = (pass: Pass) => good.apply(pass, {}).value;

  test("a right term conforms, with memory and a capability too", async () => {
    await check({});
    await check({
      ...counting,
      apply: (pass: Pass, { n }: never) => ({ value: value(pass), memory: { n: tf.add(n, 1) } }),
    });
    await check(({ model }) => {
      const { queries } = model;
      return {
        needs: ["queries"],
        apply: ({ judgeBy, real }) => ({
          value: tf.mean(tf.square(judgeBy(queries as never, { ...real, draw: "q" }))),
        }),
      };
    });
  });

  let calls = 0;
  test.each<[string, Partial<DiscriminatorTerm> | ((inputs: TermInputs) => Partial<DiscriminatorTerm>), RegExp]>([
    ["gives a vector", { apply: ({ logits }) => ({ value: logits().real as never }) }, /scalar/],
    ["gives NaN", { apply: (pass) => ({ value: tf.mul(value(pass), Number.NaN) }) }, /loss\/.* must be finite/],
    [
      "reports a vector",
      { apply: (pass) => ({ value: value(pass), report: { each: pass.logits().real as never } }) },
      /mine\/each must be a scalar, got shape \[4\]/,
    ],
    ["applies every half step", { every: 0.5 }, /every must be a whole number of steps, got 0.5/],
    ["reads values", { apply: (pass) => ({ value: tf.scalar(value(pass).dataSync()[0] as number) }) }, /must not read/],
    [
      "draws without a key",
      { apply: (pass) => ({ value: tf.mul(value(pass), tf.randomNormal([])) }) },
      /key, but uses/,
    ],
    ["counts its calls", { apply: (pass) => ({ value: tf.mul(value(pass), ++calls) }) }, /one key must give the same/],
    [
      "reads a capability that it does not need",
      ({ model }) => {
        const { queries } = model;
        return {
          apply: ({ judgeBy, real }) => ({ value: tf.mean(judgeBy(queries as never, { ...real, draw: "q" })) }),
        };
      },
      /reads the capability "queries" of the model, so its needs must name it/,
    ],
    [
      "reads a gradient that it does not announce",
      { apply: ({ gradient }) => ({ value: tf.mean(gradient("real")) }) },
      /reads "real" without declaring it; add it to the term's gradients/,
    ],
    [
      "reads answers that it does not announce",
      { needs: ["pixelLogits"], apply: ({ answers }) => ({ value: tf.mean(answers("pixelLogits", "real").pixels) }) },
      /reads "pixelLogits" without declaring it/,
    ],
    ["forgets its memory", counting, /a term must return its next memory/],
    [
      "has memory from nowhere",
      { apply: (pass) => ({ value: value(pass), memory: { n: tf.scalar(1) } }) },
      /a term must return its next memory if and only if/,
    ],
    [
      "grows its memory",
      { ...counting, apply: (pass) => ({ value: value(pass), memory: { n: tf.zeros([2]) } }) },
      /apply must keep the leaves of the memory n float32 \[\], got n float32 \[2\]/,
    ],
    [
      "loses its memory in the end",
      { ...counting, apply: (pass: Pass, memory: ParamTree) => ({ value: value(pass), memory }), finish: () => ({}) },
      /finish must keep the leaves of the memory/,
    ],
    [
      "has a wrong gradient",
      {
        apply: (pass) => ({
          value: tf.customGrad((x) => ({
            value: tf.square(x as tf.Tensor),
            gradFunc: (dy) => tf.mul(dy as tf.Tensor, x as tf.Tensor),
          }))(value(pass)) as tf.Scalar,
        }),
      },
      /the gradient of order 1 in the input must be/,
    ],
    [
      "has a wrong second gradient",
      {
        apply: (pass) => ({
          value: tf.customGrad((x) => ({
            value: tf.square(x as tf.Tensor),
            gradFunc: (dy) => tf.mul(dy as tf.Tensor, detached(tf.mul(x as tf.Tensor, 2))),
          }))(value(pass)) as tf.Scalar,
        }),
      },
      /the gradient of order 2 in the input must be/,
    ],
    [
      "leaks",
      {
        apply(pass) {
          tf.keep(tf.scalar(1));
          return { value: value(pass) };
        },
      },
      /it must not leak tensors,/,
    ],
    [
      "throws",
      {
        apply() {
          throw new TypeError("no");
        },
      },
      /apply must not throw, but throws: no/,
    ],
  ])("one that %s does not", async (_, changes, message) => {
    await expect(check(changes)).rejects.toThrow(message);
  });
});

describe("checkGeneratorTerm", () => {
  const good: GeneratorTerm = {
    every: 1,
    needs: [],
    apply: ({ fake }) => ({ value: tf.mean(tf.square(tf.mean(fake.images, [1, 2]))) }),
  };
  const check = (changes: Partial<GeneratorTerm>) => checkGeneratorTerm(component(() => ({ ...good, ...changes })));

  test("right terms conform: of fakes, of real images, and one that only weighs", async () => {
    await check({});
    await check({
      readsReal: true,
      apply: ({ fake, real }) => ({
        value: tf.mean(tf.square(tf.sub(tf.mean(fake.images, 0), tf.mean(real!.images, 0)))),
      }),
    });
    const { apply: _, ...rest } = good;
    await checkGeneratorTerm(
      component(() => ({ ...rest, weights: (logits) => tf.add(tf.onesLike(logits), 1) }) as GeneratorTerm),
    );
  });

  test.each<[string, Partial<GeneratorTerm>, RegExp]>([
    [
      "reads real images without saying so",
      { apply: ({ real }) => ({ value: tf.mean(real!.images) }) },
      /apply must not throw, but throws: Cannot read properties of null/,
    ],
    ["gives infinity", { apply: () => ({ value: tf.scalar(Number.POSITIVE_INFINITY) }) }, /loss\/g.* must be finite/],
    [
      "freezes its noise",
      { apply: ({ fake }) => ({ value: tf.mean(tf.mul(fake.images, tf.randomUniform(fake.images.shape))) }) },
      /must draw from the context's key/,
    ],
    [
      "reads outputs that it does not announce",
      { apply: ({ outputs }) => ({ value: outputs("queries") as never }) },
      /without declaring/,
    ],
  ])("one that %s does not", async (_, changes, message) => {
    await expect(check(changes)).rejects.toThrow(message);
  });
});

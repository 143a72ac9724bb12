import "@tensorflow/tfjs-backend-cpu";
import type { Augmentation, TermInputs } from "@ganymede/core";
import { normal } from "@ganymede/core";
import * as tf from "@tensorflow/tfjs-core";
import { beforeAll, expect, test } from "vitest";
import { checkAugmentation } from "./index.js";

beforeAll(() => tf.setBackend("cpu"));

const perImage = (images: tf.Tensor4D, key: Parameters<Augmentation["apply"]>[1]) =>
  normal<tf.Rank.R4>(key, [images.shape[0], 1, 1, 1]);
const good: Augmentation = { apply: (images, key) => tf.mul(images, tf.exp(perImage(images, key))) };
const { apply } = good;

const check = (changes: Partial<Augmentation>) =>
  checkAugmentation({
    id: "mine",
    source: "none",
    defaults: {},
    create: (_: never, __: TermInputs) => ({ ...good, ...changes }),
  });

test("a right augmentation conforms, with a controller too", async () => {
  await check({});
  await check({ init: () => ({ strength: tf.scalar(0) }), adapt: ({ strength }: never) => ({ strength }) });
});

let calls = 0;
test.each<[string, Partial<Augmentation>, RegExp]>([
  ["crops", { apply: (x, k, s) => tf.slice4d(apply(x, k, s), [0, 0, 0, 0], [-1, 4, 4, -1]) }, /must keep their shape/],
  ["overflows", { apply: (x, k, s) => tf.mul(apply(x, k, s), Number.POSITIVE_INFINITY) }, /images must be finite/],
  ["counts its calls", { apply: (x, k, s) => tf.mul(apply(x, k, s), ++calls) }, /one key must give the same images/],
  ["does nothing", { apply: (x) => tf.clone(x) }, /the key must decide what happens/],
  [
    "draws without the key",
    { apply: (x) => tf.add(x, tf.randomNormal(x.shape)) },
    /must draw from the context's key, but uses Math.random/,
  ],
  ["reads images", { apply: (x, k, s) => tf.mul(apply(x, k, s), x.dataSync().length) }, /must not read values/],
  [
    "mixes the batch",
    { apply: (x, k, s) => tf.sub(apply(x, k, s), tf.mean(x, 0, true)) },
    /an image must not depend on the others of its batch/,
  ],
  [
    "is not differentiable",
    { apply: (x, k, s) => tf.round(apply(x, k, s)) },
    /the gradient of order 1|must settle|gradient/,
  ],
  [
    "stops gradients",
    {
      apply: (x, k, s) =>
        tf.customGrad((y) => ({
          value: apply(y as tf.Tensor4D, k, s),
          gradFunc: (dy) => tf.zerosLike(dy as tf.Tensor),
        }))(x) as tf.Tensor4D,
    },
    /the gradient of order 1 in the input must be/,
  ],
  [
    "grows its memory",
    { init: () => ({ a: tf.scalar(0) }), adapt: (memory) => ({ ...(memory as object), b: tf.scalar(1) }) },
    /adapt must keep the leaves of the memory/,
  ],
  [
    "leaks",
    {
      apply(x, k, s) {
        tf.keep(tf.scalar(1));
        return apply(x, k, s);
      },
    },
    /it must not leak tensors,/,
  ],
])("one that %s does not", async (_, changes, message) => {
  await expect(check(changes)).rejects.toThrow(message);
});

import { inference } from "@ganymede/core";
import "@tensorflow/tfjs-backend-cpu";
import { fold, key, normal } from "@ganymede/core";
import * as tf from "@tensorflow/tfjs-core";
import { beforeAll, describe, expect, it } from "vitest";
import { dotProduct } from "./dot-product.js";
import { efficient } from "./efficient.js";
import { efficientL2 } from "./efficient-l2.js";
import { l2 } from "./l2.js";
import { tiledSoftmaxProduct } from "./parts/tiled-softmax.js";

const draw = (label: string, shape: number[]): tf.Tensor4D =>
  normal(fold(key(5), label), shape as [number, number, number, number]);

function plain(q: tf.Tensor4D, k: tf.Tensor4D, v: tf.Tensor4D, bias: tf.Tensor4D): tf.Tensor4D {
  return tf.matMul(tf.softmax(tf.add(tf.matMul(q, k, false, true), bias)), v) as tf.Tensor4D;
}

function worstDifference(ours: tf.Tensor, reference: tf.Tensor): number {
  const scale = tf.max(tf.abs(reference)).dataSync()[0] as number;
  return (tf.max(tf.abs(tf.sub(ours, reference))).dataSync()[0] as number) / Math.max(scale, 1e-6);
}

describe("tiledSoftmaxProduct", () => {
  beforeAll(() => tf.setBackend("cpu").then(() => undefined));
  const inputs = () => [
    draw("q", [2, 2, 7, 3]),
    draw("k", [2, 2, 5, 3]),
    draw("v", [2, 2, 5, 4]),
    draw("b", [2, 2, 1, 5]),
  ];
  type Product = (q: tf.Tensor4D, k: tf.Tensor4D, v: tf.Tensor4D, bias: tf.Tensor4D) => tf.Tensor4D;
  const score =
    (product: Product) =>
    (...args: tf.Tensor[]): tf.Scalar =>
      tf.sum(tf.sin(product(...(args as [tf.Tensor4D, tf.Tensor4D, tf.Tensor4D, tf.Tensor4D])))) as tf.Scalar;
  const penalty =
    (product: Product) =>
    (...args: tf.Tensor[]): tf.Scalar =>
      tf
        .grads(score(product))(args)
        .map((gradient) => tf.sum(tf.square(gradient)))
        .reduce((sum, term) => tf.add(sum, term)) as tf.Scalar;

  it.each([1, 3, 7, 100])("equals the plain form with tiles of %i queries, to second derivatives", (tile) => {
    const tiled: Product = (q, k, v, bias) => tiledSoftmaxProduct(q, k, v, bias, tile);
    const args = inputs();
    expect(
      worstDifference(tiled(...(args as Parameters<Product>)), plain(...(args as Parameters<Product>))),
    ).toBeLessThan(1e-6);
    for (const objective of [score, penalty]) {
      const [ours, reference] = [tf.grads(objective(tiled))(args), tf.grads(objective(plain))(args)];
      ours.forEach((gradient, i) => {
        expect(worstDifference(gradient, reference[i] as tf.Tensor)).toBeLessThan(2e-5);
      });
    }
  });

  it("survives logits of 1e4", () => {
    const [q, k, v, bias] = inputs() as Parameters<Product>;
    const y = tiledSoftmaxProduct(tf.mul(q, 1e4), k, v, bias, 2);
    expect(tf.all(tf.isFinite(y)).dataSync()[0]).toBe(1);
  });
});

describe("efficient attention", () => {
  it.each([
    [efficient(), dotProduct()],
    [efficientL2(), l2()],
  ] as const)("has the parameters and the values of the plain form", async (efficient, reference) => {
    await tf.setBackend("cpu");
    const options = { channels: 12, heads: 3 };
    const params = reference.create(options).init(key(1)) as never;
    const x = normal<tf.Rank.R3>(key(2), [2, 9, 12]);
    const [ours, theirs] = [
      efficient.create(options).apply(params, x, inference),
      reference.create(options).apply(params, x, inference),
    ];
    expect(worstDifference(ours, theirs)).toBeLessThan(1e-5);
  });
});

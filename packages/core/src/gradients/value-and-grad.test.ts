import * as tf from "@tensorflow/tfjs-core";
import "@tensorflow/tfjs-backend-cpu";
import { beforeAll, expect, test } from "vitest";
import { valueAndGrad } from "../index.js";
import { expectAllClose, expectNoLeaks } from "../testing/index.js";

beforeAll(() => tf.setBackend("cpu"));

const tree = () => ({ a: tf.tensor1d([1, 2]), deep: [{ b: tf.scalar(3) }] as const });

test("gives the value, gradients in the tree's structure, and what else was asked for", async () => {
  const params = tree();
  const { value, grads, extra } = valueAndGrad(
    ({ a, deep }) => ({ value: tf.mul(tf.sum(tf.square(a)), deep[0].b) as tf.Scalar, extra: { total: tf.sum(a) } }),
    params,
  );
  await expectAllClose(value, [15]);
  await expectAllClose(grads.a, [6, 12]);
  await expectAllClose(grads.deep[0].b, [5]);
  await expectAllClose(extra.total, [3]);
});

test("of many dead parameters the first few are named", () => {
  const params = { a: tf.scalar(1), dead: Array.from({ length: 9 }, () => tf.scalar(2)) };
  expect(() => valueAndGrad(({ a }) => ({ value: tf.square(a), extra: {} }), params)).toThrow(
    /but not on dead.0, dead.1, dead.2, dead.3 and 5 more;/,
  );
});

test("a dead parameter throws, naming its path", () => {
  expect(() => valueAndGrad(({ a }) => ({ value: tf.sum(a), extra: {} }), tree())).toThrow(
    /must depend on every parameter, but not on deep.0.b;/,
  );
});

test("a value that is no scalar is refused", () => {
  expect(() => valueAndGrad((a: tf.Tensor1D) => ({ value: a as never, extra: {} }), tf.tensor1d([1, 2]))).toThrow(
    /must return a scalar, got shape \[2\]/,
  );
});

test("leaves nothing behind but what it gives", async () => {
  const params = tree();
  await expectNoLeaks(() => {
    const numbers = tf.tidy(() => {
      const { value, grads, extra } = valueAndGrad(
        ({ a, deep }) => ({ value: tf.mul(tf.sum(a), deep[0].b) as tf.Scalar, extra: { doubled: tf.mul(a, 2) } }),
        params,
      );
      return [value, grads.a, grads.deep[0].b, extra.doubled];
    });
    expect(numbers).toHaveLength(4);
    tf.dispose(numbers);
  });
});

test("can itself be differentiated", async () => {
  const slope = (a: tf.Tensor) => valueAndGrad((x: tf.Tensor) => ({ value: tf.sum(tf.pow(x, 3)), extra: {} }), a).grads;
  await expectAllClose(tf.grad((a) => tf.sum(slope(a)))(tf.tensor1d([1, 2])), [6, 12]);
});

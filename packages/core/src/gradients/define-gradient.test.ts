import "@tensorflow/tfjs-backend-cpu";
import * as tf from "@tensorflow/tfjs-core";
import { beforeAll, expect, test } from "vitest";
import "./register-all.js";

beforeAll(() => tf.setBackend("cpu"));

const functions: Readonly<Record<string, (x: tf.Tensor) => tf.Tensor>> = {
  exp: tf.exp,
  expm1: tf.expm1,
  sqrt: tf.sqrt,
  rsqrt: tf.rsqrt,
  reciprocal: tf.reciprocal,
  tan: tf.tan,
  tanh: tf.tanh,
  sigmoid: tf.sigmoid,
  softplus: tf.softplus,
  erf: tf.erf,
  log: tf.log,
  pow: (x) => tf.pow(x, 2.5),
  elu: (x) => tf.elu(tf.neg(x)),
  softmax: (x) => tf.softmax(tf.stack([x, tf.square(x)])),
};

/** Weighted so that no sum over the outputs is constant. */
function total(y: tf.Tensor): tf.Scalar {
  return tf.sum(tf.mul(y, tf.add(tf.range(0, y.size), 1)));
}

test.each(Object.keys(functions))("%s has the right first, second and third derivative", (name) => {
  const f = functions[name]!;
  const orders: ((x: tf.Tensor) => tf.Tensor)[] = [(x) => total(f(tf.reshape(x, [])))];
  for (let order = 1; order <= 3; order++) orders.push(tf.grad(orders[order - 1]!));
  const at = (order: number, x: number) => orders[order]!(tf.scalar(x)).dataSync()[0]!;
  const h = 2e-2;
  for (let order = 1; order <= 3; order++) {
    const below = order - 1;
    const difference =
      (8 * (at(below, 0.6 + h) - at(below, 0.6 - h)) - (at(below, 0.6 + 2 * h) - at(below, 0.6 - 2 * h))) / (12 * h);
    const scale = Math.max(1, Math.abs(difference));
    expect(Math.abs(at(order, 0.6) - difference) / scale, `order ${order}`).toBeLessThan(2e-3);
  }
});

test("sums pass their cotangent to every term, whatever else the terms are used for", () => {
  const slope = tf.grad((x) => {
    const [square, sine] = [tf.square(x), tf.sin(x)];
    return tf.add(tf.add(square, x), sine);
  })(tf.scalar(2));
  expect(slope.dataSync()[0]).toBeCloseTo(5 + Math.cos(2), 6);
});

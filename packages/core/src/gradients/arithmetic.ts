import * as tf from "@tensorflow/tfjs-core";
import { defineGradient, defineListGradient } from "./define-gradient.js";
import { indicator } from "./indicator.js";
import { sumToShape } from "./sum-to-shape.js";

type Pair = readonly tf.Tensor[];

/** Defines a binary kernel's gradient from its two partial derivatives; sums over broadcast axes. */
function defineBinary(
  kernelName: string,
  toA: (dy: tf.Tensor, a: tf.Tensor, b: tf.Tensor, y: tf.Tensor) => tf.Tensor,
  toB: (dy: tf.Tensor, a: tf.Tensor, b: tf.Tensor, y: tf.Tensor) => tf.Tensor,
): void {
  defineGradient(kernelName, ["a", "b"], (dy, inputs: Pair, y) => {
    const [a, b] = inputs as [tf.Tensor, tf.Tensor];
    return [() => sumToShape(toA(dy, a, b, y), a.shape), () => sumToShape(toB(dy, a, b, y), b.shape)];
  });
}

/** Sums, products, quotients and powers of two tensors. */
export function registerArithmetic(): void {
  const pass = (dy: tf.Tensor): tf.Tensor => dy;
  defineBinary("Add", pass, pass);
  defineBinary("Sub", pass, (dy) => tf.neg(dy));
  defineBinary(
    "Multiply",
    (dy, _a, b) => tf.mul(dy, tf.cast(b, "float32")),
    (dy, a) => tf.mul(dy, tf.cast(a, "float32")),
  );
  defineBinary(
    "RealDiv",
    (dy, _a, b) => tf.div(dy, b),
    (dy, a, b) => tf.neg(tf.div(tf.mul(dy, a), tf.square(b))),
  );
  defineBinary(
    "SquaredDifference",
    (dy, a, b) => tf.mul(dy, tf.mul(tf.sub(a, b), 2)),
    (dy, a, b) => tf.mul(dy, tf.mul(tf.sub(b, a), 2)),
  );
  defineBinary(
    "Pow",
    (dy, a, b) => tf.mul(dy, tf.mul(b, tf.pow(a, tf.sub(b, 1)))),
    // The logarithm is used only where the base is positive; elsewhere the derivative is 0.
    (dy, a, _b, y) => {
      const positive = tf.greater(a, 0);
      return tf.mul(dy, tf.mul(y, tf.where(positive, tf.log(tf.where(positive, a, tf.onesLike(a))), tf.zerosLike(a))));
    },
  );
  defineBinary(
    "Maximum",
    (dy, a, b) => tf.mul(dy, indicator(tf.greaterEqual(a, b))),
    (dy, a, b) => tf.mul(dy, indicator(tf.less(a, b))),
  );
  defineBinary(
    "Minimum",
    (dy, a, b) => tf.mul(dy, indicator(tf.lessEqual(a, b))),
    (dy, a, b) => tf.mul(dy, indicator(tf.greater(a, b))),
  );
  defineBinary("Mod", pass, (dy, a, b) => tf.mul(dy, tf.neg(tf.floor(tf.div(a, b)))));
  defineBinary(
    "Atan2",
    (dy, a, b) => tf.div(tf.mul(dy, b), tf.add(tf.square(a), tf.square(b))),
    (dy, a, b) => tf.neg(tf.div(tf.mul(dy, a), tf.add(tf.square(a), tf.square(b)))),
  );
  defineListGradient("AddN", (dy, inputs) => inputs.map(() => () => dy));
  defineGradient("Select", ["condition", "t", "e"], (dy, inputs) => {
    const [condition, t, e] = inputs as [tf.Tensor, tf.Tensor, tf.Tensor];
    const zero = (): tf.Tensor => tf.zeros(dy.shape, "float32");
    return [
      () => tf.zeros(condition.shape, "float32"),
      () => sumToShape(tf.where(condition, dy, zero()), t.shape),
      () => sumToShape(tf.where(condition, zero(), dy), e.shape),
    ];
  });
}

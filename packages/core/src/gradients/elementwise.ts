import * as tf from "@tensorflow/tfjs-core";
import { defineGradient, defineZeroGradient } from "./define-gradient.js";
import { indicator } from "./indicator.js";
import { sumToShape } from "./sum-to-shape.js";

/** Defines a unary kernel's gradient from its derivative; `y` is its output. */
function defineUnary<Attrs>(
  kernelName: string,
  derivative: (x: tf.Tensor, y: tf.Tensor, attrs: Attrs) => tf.Tensor,
): void {
  defineGradient<Attrs>(kernelName, ["x"], (dy, inputs, y, attrs) => [
    () => tf.mul(dy, derivative(inputs[0] as tf.Tensor, y, attrs)),
  ]);
}

/** Powers, logarithms and exponentials. */
function registerExponentials(): void {
  defineUnary("Exp", (_x, y) => y);
  defineUnary("Expm1", (_x, y) => tf.add(y, 1));
  defineUnary("Log", (x) => tf.reciprocal(x));
  defineUnary("Log1p", (x) => tf.reciprocal(tf.add(x, 1)));
  defineUnary("Sqrt", (_x, y) => tf.div(0.5, y));
  defineUnary("Rsqrt", (_x, y) => tf.mul(tf.mul(tf.square(y), y), -0.5));
  defineUnary("Square", (x) => tf.mul(tf.cast(x, "float32"), 2));
  defineUnary("Reciprocal", (_x, y) => tf.neg(tf.square(y)));
  // d erf(x) / dx = 2 / sqrt(pi) exp(-x^2)
  defineUnary("Erf", (x) => tf.mul(tf.exp(tf.neg(tf.square(x))), 2 / Math.sqrt(Math.PI)));
}

/** Trigonometric and hyperbolic functions. */
function registerTrigonometry(): void {
  defineUnary("Sin", (x) => tf.cos(x));
  defineUnary("Cos", (x) => tf.neg(tf.sin(x)));
  defineUnary("Tan", (_x, y) => tf.add(tf.square(y), 1));
  defineUnary("Asin", (x) => tf.rsqrt(tf.sub(1, tf.square(x))));
  defineUnary("Acos", (x) => tf.neg(tf.rsqrt(tf.sub(1, tf.square(x)))));
  defineUnary("Atan", (x) => tf.reciprocal(tf.add(tf.square(x), 1)));
  defineUnary("Sinh", (x) => tf.cosh(x));
  defineUnary("Cosh", (x) => tf.sinh(x));
  defineUnary("Tanh", (_x, y) => tf.sub(1, tf.square(y)));
  defineUnary("Asinh", (x) => tf.rsqrt(tf.add(tf.square(x), 1)));
  defineUnary("Acosh", (x) => tf.rsqrt(tf.sub(tf.square(x), 1)));
  defineUnary("Atanh", (x) => tf.reciprocal(tf.sub(1, tf.square(x))));
}

const seluAlpha = 1.7580993408473768;
const seluScale = 1.0507009873554805;

/** Activations; their masks are constants in the second derivative. */
function registerActivations(): void {
  defineUnary("Sigmoid", (_x, y) => tf.mul(y, tf.sub(1, y)));
  defineUnary("Softplus", (x) => tf.sigmoid(x));
  defineUnary("Abs", (x) => tf.sign(x));
  defineUnary("Relu", (x) => tf.step(x));
  defineUnary("Relu6", (x) => tf.mul(tf.step(x), indicator(tf.lessEqual(x, 6))));
  defineUnary<{ alpha: number }>("LeakyRelu", (x, _y, { alpha }) => tf.step(x, alpha));
  defineUnary("Elu", (x) => tf.where(tf.greater(x, 0), tf.onesLike(x), tf.exp(tf.minimum(x, 0))));
  defineUnary("Selu", (x) =>
    tf.where(tf.greater(x, 0), tf.fill(x.shape, seluScale), tf.mul(tf.exp(tf.minimum(x, 0)), seluAlpha)),
  );
  defineUnary<{ clipValueMin: number; clipValueMax: number }>("ClipByValue", (x, _y, { clipValueMin, clipValueMax }) =>
    indicator(tf.logicalAnd(tf.greaterEqual(x, clipValueMin), tf.lessEqual(x, clipValueMax))),
  );
  defineGradient("Prelu", ["x", "alpha"], (dy, inputs) => {
    const [x, alpha] = inputs as [tf.Tensor, tf.Tensor];
    const positive = tf.step(x);
    return [
      () => sumToShape(tf.mul(dy, tf.add(positive, tf.mul(tf.sub(1, positive), alpha))), x.shape),
      () => sumToShape(tf.mul(dy, tf.mul(x, tf.sub(1, positive))), alpha.shape),
    ];
  });
}

/** Gradients of elementwise functions of one tensor. */
export function registerElementwise(): void {
  registerExponentials();
  registerTrigonometry();
  registerActivations();
  defineGradient("Neg", ["x"], (dy) => [() => tf.neg(dy)]);
  defineGradient("Identity", ["x"], (dy) => [() => dy]);
  defineGradient("Cast", ["x"], (dy) => [() => dy]);
  for (const kernel of [
    "Floor",
    "Ceil",
    "Round",
    "Sign",
    "Step",
    "IsNan",
    "IsInf",
    "IsFinite",
    "ZerosLike",
    "OnesLike",
    "LogicalNot",
  ]) {
    defineZeroGradient(kernel, ["x"]);
  }
  for (const kernel of [
    "FloorDiv",
    "Equal",
    "NotEqual",
    "Greater",
    "GreaterEqual",
    "Less",
    "LessEqual",
    "LogicalAnd",
    "LogicalOr",
    "LogicalXor",
  ]) {
    defineZeroGradient(kernel, ["a", "b"]);
  }
}

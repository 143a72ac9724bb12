import * as tf from "@tensorflow/tfjs-core";
import { fillNormal } from "../random/bits.js";
import type { Key } from "../random/key.js";
import { fold, key } from "../random/key.js";
import type { ParamTree } from "../tree/param-tree.js";
import { fillTree, leaves } from "../tree/tree.js";
import { demand } from "./fail.js";
import { derivative } from "./finite-difference.js";

/** Orders, directions and tolerance of a gradient check. */
export interface GradientCheck {
  /** Highest order to check: 1, or 2 for a function used under a gradient penalty. Default: 2. */
  readonly order?: 1 | 2;
  /** Random directions per input. Default: 2. */
  readonly directions?: number;
  /** Relative tolerance. Default: 2e-3. */
  readonly tolerance?: number;
  /** Largest step of the finite differences, in units of the inputs; keep kinks farther away. Default: 0.05. */
  readonly step?: number;
  /** Start of the error sentences. Default: `checkGradients`. */
  readonly who?: string;
}

type Vector = Float32Array;

function draw(from: Key, size: number): Vector {
  return fillNormal(new Float32Array(size), from, 0, 1);
}

/** Sum of products in float64. */
function dot(a: ArrayLike<number>, b: ArrayLike<number>): number {
  let sum = 0;
  for (let i = 0; i < a.length; i++) sum += (a[i] as number) * (b[i] as number);
  return sum;
}

function length(a: ArrayLike<number>): number {
  return Math.sqrt(dot(a, a));
}

/** A scalar function of some tensors, as a tensor. */
type Objective = (xs: readonly tf.Tensor[]) => tf.Tensor;

async function valueAt(objective: Objective, xs: readonly tf.Tensor[], index: number, shift: Vector, t: number) {
  const moved = tf.tidy(() => {
    const x = xs[index] as tf.Tensor;
    const there = tf.add(x, tf.mul(tf.tensor(shift, x.shape), t));
    return objective(xs.map((value, i) => (i === index ? there : value)));
  });
  const values = await moved.data();
  moved.dispose();
  // Rounding errors of many terms are random; the float64 sum keeps them small.
  return Array.from(values).reduce((sum, value) => sum + value, 0);
}

function gradientsOf(objective: Objective, xs: readonly tf.Tensor[]): tf.Tensor[] {
  const { grads } = tf.engine().gradients(() => tf.sum(objective(xs)), [...xs], undefined as never, true);
  return grads.map((gradient, i) => gradient ?? tf.zerosLike(xs[i] as tf.Tensor));
}

/** Compares the gradient of one objective with finite differences along random directions. */
async function compare(
  objective: Objective,
  xs: readonly tf.Tensor[],
  paths: readonly string[],
  order: number,
  options: Required<GradientCheck>,
): Promise<void> {
  const gradients = tf.tidy(() => gradientsOf(objective, xs));
  const read = await Promise.all(gradients.map((gradient) => gradient.data()));
  // If nothing depends on an input (a bias that cancels), differences contain only the rounding errors of the others.
  const floor = Math.max(1e-2, 0.01 * Math.max(...read.map(length)));
  for (const [index, analytic] of read.entries()) {
    for (let direction = 0; direction < options.directions; direction++) {
      const shift = draw(fold(fold(key(order), index), direction), analytic.length);
      const along = dot(analytic, shift);
      const estimate = await derivative((t) => valueAt(objective, xs, index, shift, t), options.step);
      const scale = Math.max(Math.abs(estimate.value), length(analytic), floor);
      const allowed = options.tolerance * scale + 2 * estimate.error;
      demand(
        estimate.error <= 0.05 * scale,
        options.who,
        `differences of order ${order} in ${paths[index]} must settle, got an error of ${estimate.error} at ${estimate.value}; move the inputs away from kinks or choose another step`,
      );
      demand(
        Math.abs(along - estimate.value) <= allowed,
        options.who,
        `the gradient of order ${order} in ${paths[index]} must be ${estimate.value} within ${allowed}, got ${along}`,
      );
    }
  }
  tf.dispose(gradients);
}

/**
 * Checks first and second derivatives against central differences along random directions, extrapolated (`derivative`), with
 * their own error estimate. Tensors are float32; sums and differences are float64.
 *
 * @param fn a smooth function of a tree of tensors, such as a layer's `apply` with its input in the tree.
 * @throws GanymedeError `nonconforming` with the leaf, the order and both numbers.
 */
export async function checkGradients<Inputs extends ParamTree>(
  fn: (inputs: Inputs) => tf.Tensor,
  inputs: Inputs,
  { order = 2, directions = 2, tolerance = 2e-3, step = 0.05, who = "checkGradients" }: GradientCheck = {},
): Promise<void> {
  const named = leaves(inputs);
  const xs = named.map(({ value }) => value);
  const paths = named.map(({ path }) => path || "the input");
  const options = { order, directions, tolerance, step, who };

  const size = tf.tidy(() => fn(inputs).size);
  const weights = draw(key(17), size);
  const weighted: Objective = (values) => {
    const y = fn(fillTree(inputs, values));
    return tf.mul(y, tf.tensor(weights, y.shape));
  };
  await compare(weighted, xs, paths, 1, options);
  if (order === 1) return;

  // The gradient along a fixed direction is a scalar function; its gradient is the second derivative.
  const fixed = xs.map((x, i) => draw(fold(key(23), i), x.size));
  const slope: Objective = (values) => {
    const terms = gradientsOf(weighted, values).map((gradient, i) =>
      tf.sum(tf.mul(gradient, tf.tensor(fixed[i] as Vector, gradient.shape))),
    );
    return tf.addN(terms);
  };
  await compare(slope, xs, paths, 2, options);
}

import * as tf from "@tensorflow/tfjs-core";
import { type Case, type Numbers, spread } from "./case.js";

/** Values, gradient and second gradient of a case, each flat over all its inputs. */
export type Derivatives = readonly (readonly number[])[];

const tensorOf = ({ shape, values }: Numbers): tf.Tensor => tf.tensor([...values], [...shape], "float32");

type Objective = (xs: readonly tf.Tensor[]) => tf.Tensor;

/** The gradient of the sum of an objective in every input; zeros in those that it does not depend on. */
function gradients(objective: Objective, xs: readonly tf.Tensor[]): tf.Tensor[] {
  const { grads } = tf.engine().gradients(() => tf.sum(objective(xs)), [...xs], undefined as never, true);
  return grads.map((gradient, i) => gradient ?? tf.zerosLike(xs[i]!));
}

/** Results of all orders that the case has, on the current backend. The outputs are weighted: many sums over them are constant. */
function results({ inputs, order, run }: Case): tf.Tensor[][] {
  const xs = inputs.map(tensorOf);
  const y = run(...xs);
  const weights = tensorOf(spread(7, y.shape, 0.5, 1.5));
  const weighted: Objective = (values) => tf.mul(run(...values), weights);
  const directions = inputs.map(({ shape }, i) => tensorOf(spread(11 + i, shape, -1, 1)));
  const slope: Objective = (values) =>
    tf.addN(gradients(weighted, values).map((gradient, i) => tf.sum(tf.mul(gradient, directions[i]!))));
  return [[y], ...(order > 0 ? [gradients(weighted, xs)] : []), ...(order > 1 ? [gradients(slope, xs)] : [])];
}

/** @throws whatever the backend throws, as where it lacks a kernel. */
export async function evaluate(each: Case): Promise<Derivatives> {
  const orders = tf.tidy(() => results(each));
  const read = await Promise.all(orders.map((tensors) => Promise.all(tensors.map((tensor) => tensor.data()))));
  tf.dispose(orders);
  return read.map((tensors) => tensors.flatMap((values) => Array.from(values)));
}

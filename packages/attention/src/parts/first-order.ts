import { GanymedeError } from "@ganymede/core";
import * as tf from "@tensorflow/tfjs-core";

/** Throws while an outer gradient records this backward pass, as under a gradient penalty. */
export function refuseSecondOrder(who: string): void {
  if (tf.engine().state.gradientDepth > 0) {
    throw new GanymedeError(
      "unsupported",
      `${who}: only first derivatives exist, got a gradient of a gradient; use the ordinary blocks under a gradient penalty or path-length regularisation`,
    );
  }
}

/**
 * A function's value and the cotangents of its inputs, computed inside the backward pass of another gradient: tfjs has one tape, which
 * the inner pass would throw away.
 */
export function innerGradient(
  fn: (inputs: readonly tf.Tensor[]) => tf.Tensor,
  inputs: readonly tf.Tensor[],
  dy: tf.Tensor,
): { readonly value: tf.Tensor; readonly cotangents: tf.Tensor[] } {
  const { state } = tf.engine();
  const tape = state.activeTape;
  const { value, grads } = tf.engine().gradients(() => fn(inputs), [...inputs], dy, true);
  state.activeTape = tape;
  return { value, cotangents: grads.map((gradient, i) => gradient ?? tf.zerosLike(inputs[i] as tf.Tensor)) };
}

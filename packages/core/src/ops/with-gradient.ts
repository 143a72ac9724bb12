import * as tf from "@tensorflow/tfjs-core";

/** A function with its own backward pass, see `withGradient`. */
export interface OwnGradient<
  Inputs extends readonly tf.Tensor[],
  Output extends tf.Tensor,
  Saved extends readonly tf.Tensor[],
> {
  /** The value of the function. */
  forward(...inputs: Inputs): Output;
  /** Tensors that the backward pass needs and that are kept until then; keep few. */
  save(output: Output, inputs: Inputs): Saved;
  /** Cotangents of the inputs, in order, from that of the output. */
  backward(dy: Output, saved: Saved): readonly tf.Tensor[];
}

/**
 * A function with its own backward pass instead of that of its operations: tiled attention, reversible blocks. If
 * `backward` consists of differentiable operations, second derivatives exist too.
 */
export function withGradient<
  Inputs extends readonly tf.Tensor[],
  Output extends tf.Tensor,
  Saved extends readonly tf.Tensor[],
>({ forward, save, backward }: OwnGradient<Inputs, Output, Saved>): (...inputs: Inputs) => Output {
  const run = tf.customGrad((...args: (tf.Tensor | tf.GradSaveFunc)[]) => {
    const keep = args.at(-1) as tf.GradSaveFunc;
    const inputs = args.slice(0, -1) as readonly tf.Tensor[] as Inputs;
    const value = forward(...inputs);
    keep([...save(value, inputs)]);
    const gradFunc = (dy: tf.Tensor, saved: tf.Tensor[]) => [
      ...backward(dy as Output, saved as readonly tf.Tensor[] as Saved),
    ];
    return { value, gradFunc };
  });
  return (...inputs) => run(...inputs) as Output;
}

import * as tf from "@tensorflow/tfjs-core";

type Attributes = Record<string, never>;
type Input = tf.Tensor;

/**
 * Registers a gradient, replacing any that exists: some of tfjs's cannot be differentiated twice, and in Node none are registered. Every
 * gradient in this folder uses differentiable ops only, so gradients of gradients work.
 *
 * @param vjp maps the output's cotangent, the kernel's inputs, its output and its attributes to cotangents of the inputs.
 */
export function defineGradient<Attrs = Attributes>(
  kernelName: string,
  inputs: readonly string[],
  vjp: (dy: tf.Tensor, inputs: readonly Input[], output: tf.Tensor, attrs: Attrs) => readonly (() => tf.Tensor)[],
): void {
  define(kernelName, {
    kernelName,
    inputsToSave: [...inputs],
    outputsToSave: [true],
    gradFunc: (dy, saved, attrs) => {
      const inputTensors = saved.slice(0, inputs.length);
      const differentiate = (cotangent: tf.Tensor, output: tf.Tensor) =>
        vjp(cotangent, inputTensors, output, attrs as never);
      const output = reconnect(saved[inputs.length] as tf.Tensor, inputTensors, differentiate);
      const cotangents = differentiate(dy as tf.Tensor, output);
      return Object.fromEntries(cotangents.map((cotangent, i) => [inputs[i], owned(cotangent, dy as tf.Tensor)]));
    },
  });
}

/**
 * Copies a cotangent that is the output's own: tfjs frees an input's cotangent when it adds another to it, so two inputs must not share
 * one.
 */
function owned(cotangent: () => tf.Tensor, dy: tf.Tensor): () => tf.Tensor {
  return () => {
    const dx = cotangent();
    return dx === dy ? tf.clone(dx) : dx;
  };
}

/**
 * Makes a saved output a function of the inputs again. tfjs saves outputs before the kernel is on the tape, so an outer gradient
 * treats them as constants, and second derivatives through them would silently lack terms.
 */
function reconnect(
  output: tf.Tensor,
  inputs: readonly Input[],
  differentiate: (dy: tf.Tensor, output: tf.Tensor) => readonly (() => tf.Tensor)[],
): tf.Tensor {
  if (tf.engine().state.gradientDepth === 0) return output;
  const connected = tf.customGrad(() => ({
    value: tf.clone(output),
    gradFunc: (dy: tf.Tensor) =>
      differentiate(dy, reconnect(output, inputs, differentiate)).map((cotangent) => cotangent()),
  }));
  return connected(...inputs);
}

/** The same for kernels with a list of inputs. */
export function defineListGradient<Attrs = Attributes>(
  kernelName: string,
  vjp: (dy: tf.Tensor, inputs: readonly Input[], attrs: Attrs) => readonly (() => tf.Tensor)[],
): void {
  define(kernelName, {
    kernelName,
    saveAllInputs: true,
    gradFunc: (dy, saved, attrs) =>
      ({
        ...vjp(dy as tf.Tensor, saved, attrs as never).map((cotangent) => owned(cotangent, dy as tf.Tensor)),
      }) as never,
  });
}

/** The same for kernels with several outputs; `dys` has one cotangent per output. */
export function defineSplitGradient<Attrs = Attributes>(
  kernelName: string,
  input: string,
  vjp: (dys: readonly tf.Tensor[], input: tf.Tensor, attrs: Attrs) => tf.Tensor,
): void {
  define(kernelName, {
    kernelName,
    inputsToSave: [input],
    gradFunc: (dys, saved, attrs) => ({
      [input]: () => vjp(dys as tf.Tensor[], saved[0] as tf.Tensor, attrs as never),
    }),
  });
}

/** A kernel that is piecewise constant in its inputs: comparisons, rounding, signs. */
export function defineZeroGradient(kernelName: string, inputs: readonly string[]): void {
  defineGradient(kernelName, inputs, (_dy, tensors) => tensors.map((x) => () => zerosLike(x)));
}

function define(kernelName: string, config: tf.GradConfig): void {
  if (tf.getGradient(kernelName) != null) tf.unregisterGradient(kernelName);
  tf.registerGradient(config);
}

/** Float zeros of the tensor's shape: cotangents are floats whatever the dtype of the tensor. */
export function zerosLike(x: tf.Tensor): tf.Tensor {
  return tf.zeros(x.shape, "float32");
}

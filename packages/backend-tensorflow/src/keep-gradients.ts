import * as tf from "@tensorflow/tfjs-core";

/** tfjs-core exports the name of each kernel as a string. */
const kernelNames = Object.values(tf).filter((value) => typeof value === "string");

/**
 * Runs `load` and restores the gradient registry. tfjs-node loads all of TensorFlow.js, whose gradients would replace
 * core's and silently lack terms in second derivatives.
 */
export function keepGradients(load: () => void): void {
  const before = new Map(kernelNames.map((name) => [name, tf.getGradient(name)]));
  try {
    load();
  } finally {
    for (const [name, gradient] of before) {
      if (tf.getGradient(name) === gradient) continue;
      tf.unregisterGradient(name);
      if (gradient !== undefined) tf.registerGradient(gradient);
    }
  }
}

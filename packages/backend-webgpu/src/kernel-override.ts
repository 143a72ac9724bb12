import * as tf from "@tensorflow/tfjs-core";

export type Info = tf.TensorInfo;
export type Inputs = Readonly<Record<string, Info>>;
export type Attributes = Readonly<Record<string, unknown>>;

/** Runs a kernel of the backend on inputs and attributes. */
export type Run = (inputs: Inputs, attrs: Attributes) => Info;

/** The same elements in another shape. */
export const view = (x: Info, shape: number[]): Info => ({ ...x, shape });

/**
 * Replaces a kernel.
 *
 * @param replacement gets the original kernel and the backend's own parameters.
 */
export function override(
  kernelName: string,
  backendName: string,
  replacement: (own: Run, inputs: Inputs, attrs: Attributes, backend: tf.KernelBackend) => Info,
): void {
  const kernel = tf.getKernel(kernelName, backendName);
  if (kernel === undefined) return;
  tf.unregisterKernel(kernelName, backendName);
  tf.registerKernel({
    ...kernel,
    kernelFunc: ({ inputs, attrs, backend }) => {
      const own: Run = (theirs, others) =>
        kernel.kernelFunc({ inputs: theirs, attrs: others as tf.NamedAttrMap, backend }) as Info;
      return replacement(own, inputs as Inputs, (attrs ?? {}) as Attributes, backend as tf.KernelBackend);
    },
  });
}

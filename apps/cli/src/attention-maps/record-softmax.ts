import { GanymedeError } from "@ganymede/core";
import type { KernelFunc, TensorInfo } from "@tensorflow/tfjs-core";
import * as tf from "@tensorflow/tfjs-core";

const kernelName = "Softmax";

/** What a function gave, and every softmax over three or four axes that it took on the way, in order. The caller disposes both. */
export interface SoftmaxRecord<Result> {
  readonly result: Result;
  /** `[..., queries, keys]`. */
  readonly weights: readonly tf.Tensor[];
}

function kernelOf(name: string): KernelFunc {
  const backend = tf.getBackend();
  const kernel = tf.getKernel(name, backend);
  if (kernel !== undefined) return kernel.kernelFunc;
  throw new GanymedeError(
    "unsupported",
    `attend: the backend must have a kernel ${name}, but "${backend}" has none; choose another with --backend`,
  );
}

/** A tensor of its own on the data of a kernel's result, which lives on when that is disposed. */
function keepCopy(x: TensorInfo, identity: KernelFunc): tf.Tensor {
  const copy = identity({ inputs: { x }, attrs: {}, backend: tf.backend() }) as TensorInfo;
  return tf.keep(tf.engine().makeTensorFromTensorInfo(copy));
}

/**
 * Runs a function in a tidy and keeps the weights of all attention in it, whichever variants it is made of: they all go through the
 * softmax of the engine. While it runs, that kernel is replaced by one that takes notes; it is put back in any case.
 *
 * @throws GanymedeError `unsupported` on a backend without the kernels.
 */
export function recordSoftmax<Result extends tf.TensorContainer>(run: () => Result): SoftmaxRecord<Result> {
  const backendName = tf.getBackend();
  const original = kernelOf(kernelName);
  const identity = kernelOf("Identity");
  const weights: tf.Tensor[] = [];
  const replace = (kernelFunc: KernelFunc) => {
    tf.unregisterKernel(kernelName, backendName);
    tf.registerKernel({ kernelName, backendName, kernelFunc });
  };
  replace((params) => {
    const out = original(params);
    if (!Array.isArray(out) && (out.shape.length === 3 || out.shape.length === 4)) {
      weights.push(keepCopy(out, identity));
    }
    return out;
  });
  try {
    return { result: tf.tidy(run), weights };
  } catch (error) {
    tf.dispose(weights);
    throw error;
  } finally {
    replace(original);
  }
}

import * as tf from "@tensorflow/tfjs-core";
import { override } from "./kernel-override.js";

/**
 * Makes a cast of int32 or bool to float32 write floats. The backend only relabels the integers, and its shaders for transposition and
 * one-hot products then do not compile.
 */
export function castToFloat(backendName: string): void {
  override("Cast", backendName, (own, inputs, attrs, backend) => {
    const x = inputs.x!;
    if (attrs.dtype !== "float32" || (x.dtype !== "int32" && x.dtype !== "bool")) return own(inputs, attrs);
    const { makeTensorInfo } = backend as unknown as {
      makeTensorInfo(shape: number[], dtype: "float32", values: Float32Array): tf.TensorInfo;
    };
    const one = makeTensorInfo.call(backend, [], "float32", new Float32Array([1]));
    const multiply = tf.getKernel("Multiply", backendName);
    const product = multiply.kernelFunc({ inputs: { a: x, b: one }, attrs: {}, backend }) as tf.TensorInfo;
    backend.disposeData(one.dataId);
    return product;
  });
}

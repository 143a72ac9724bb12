import type * as tf from "@tensorflow/tfjs-core";
import { lowerings } from "../lowering/table.js";
import type { OnnxBackend } from "../recorder.js";
import { recordComplex } from "./complex.js";
import { hostKernels, runOnHost } from "./host.js";

/** Runs a kernel according to its inputs: strings on the host, complex numbers as pairs, all others as a graph. */
export function runKernel(
  backend: OnnxBackend,
  kernelName: string,
  inputs: tf.NamedTensorInfoMap,
  attrs: tf.NamedAttrMap,
): tf.TensorInfo | tf.TensorInfo[] {
  // A clone shares the data.
  if (kernelName === "Identity") return share(backend, inputs.x!);
  const types = Object.values(inputs)
    .flat()
    .map((info) => info?.dtype);
  const has = (dtype: tf.DataType): boolean => types.includes(dtype) || attrs.dtype === dtype;
  if (has("complex64") || kernelName === "Complex") return recordComplex(backend, kernelName, inputs, attrs);
  if (has("string") || kernelName in hostKernels || isTextFill(kernelName, attrs)) {
    return runOnHost(backend, kernelName, inputs, attrs);
  }
  return backend.record(lowerings[kernelName]!, inputs, attrs);
}

function share(backend: OnnxBackend, x: tf.TensorInfo): tf.TensorInfo {
  backend.incRef(x.dataId);
  return { dataId: x.dataId, shape: x.shape, dtype: x.dtype };
}

function isTextFill(kernelName: string, attrs: tf.NamedAttrMap): boolean {
  return kernelName === "Fill" && typeof attrs.value === "string";
}

import { GanymedeError } from "@ganymede/core";
import type { MathBackendCPU } from "@tensorflow/tfjs-backend-cpu";
import * as tf from "@tensorflow/tfjs-core";
import { loadHostBackend } from "#host-backend";
import type { OnnxBackend } from "../recorder.js";

/**
 * Kernels that need the values of their inputs, with the reason why no graph can replace them. They run on the host with tfjs's own
 * reference kernels.
 */
export const hostKernels: Readonly<Record<string, string>> = {
  BroadcastArgs: "the shape to broadcast to is a value",
  Multinomial: "it draws samples",
  NonMaxSuppressionV3: "how many boxes it keeps depends on their values",
  NonMaxSuppressionV4: "how many boxes it keeps depends on their values",
  NonMaxSuppressionV5: "how many boxes it keeps depends on their values",
  RaggedGather: "the length of its rows depends on values",
  RaggedRange: "the length of its rows depends on values",
  RaggedTensorToTensor: "the shape of its output depends on values",
  SparseFillEmptyRows: "how many rows it fills depends on values",
  SparseReshape: "the shape of its output is a value",
  SparseSegmentMean: "how many segments there are is a value",
  SparseSegmentSum: "how many segments there are is a value",
  StaticRegexReplace: "it works on text",
  StringNGrams: "it works on text",
  StringSplit: "it works on text",
  StringToHashBucketFast: "it works on text",
  Unique: "how many elements differ depends on their values",
};

type Inputs = Readonly<Record<string, tf.TensorInfo | readonly tf.TensorInfo[] | null | undefined>>;

let host: MathBackendCPU | undefined;

function hostBackend(): MathBackendCPU {
  // Its first use prints an advertisement.
  const backend = host ?? Object.assign(new (loadHostBackend().MathBackendCPU)(), { firstUse: false });
  host = backend;
  return backend;
}

/** Runs a kernel on the host. */
export function runOnHost(
  backend: OnnxBackend,
  kernelName: string,
  inputs: Inputs,
  attrs: tf.NamedAttrMap,
): tf.TensorInfo | tf.TensorInfo[] {
  const cpu = hostBackend();
  const kernel = tf.getKernel(kernelName, "cpu");
  const why = hostKernels[kernelName] ?? "its input is text";
  if (kernel === undefined || kernel === null) {
    throw new GanymedeError("unsupported", `onnx backend: ${kernelName} supports only numeric tensors: ${why}`);
  }
  if (backend.tracing) {
    throw new GanymedeError(
      "unsupported",
      `compile: a traced function must not call ${kernelName}, because ${why}; call it outside and pass its result`,
    );
  }
  const made = new Set<object>();
  const upload = (info: tf.TensorInfo): tf.TensorInfo => {
    const copy = cpu.makeTensorInfo(info.shape, info.dtype, backend.readSync(info.dataId) as never);
    made.add(copy.dataId);
    return copy;
  };
  const uploadAny = (input: Inputs[string]): unknown =>
    input === null || input === undefined
      ? input
      : "dataId" in input
        ? upload(input as tf.TensorInfo)
        : (input as readonly tf.TensorInfo[]).map(upload);
  const uploaded = Array.isArray(inputs)
    ? inputs.map(uploadAny)
    : Object.fromEntries(Object.entries(inputs).map(([name, input]) => [name, uploadAny(input)]));
  const download = (info: tf.TensorInfo): tf.TensorInfo => {
    made.add(info.dataId);
    const values = cpu.readSync(info.dataId);
    return { dataId: backend.write(values, info.shape, info.dtype), shape: info.shape, dtype: info.dtype };
  };
  try {
    const result = kernel.kernelFunc({ inputs: uploaded as tf.NamedTensorInfoMap, attrs, backend: cpu });
    return Array.isArray(result) ? result.map(download) : download(result);
  } finally {
    for (const dataId of made) cpu.disposeData(dataId as never, true);
  }
}

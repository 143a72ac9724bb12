import { GanymedeError } from "@ganymede/core";
import * as tf from "@tensorflow/tfjs-core";
import { lowerings, supportedKernels } from "./lowering/table.js";
import type { OnnxBackend } from "./recorder.js";

/** Every kernel name that tfjs-core knows: its exported constants that are named as their value. */
function kernelNames(): string[] {
  return Object.entries(tf)
    .filter(([name, value]) => name === value)
    .map(([name]) => name);
}

function refuse(kernelName: string): never {
  throw new GanymedeError(
    "unsupported",
    `onnx backend: no lowering is written for the kernel ${kernelName}; supported: ${supportedKernels.join(", ")}`,
  );
}

/** Registers a kernel for each name: one that records, or one that says what is missing. */
export function registerKernels(backendName: string): void {
  for (const [kernelName, lowering] of Object.entries(lowerings)) {
    tf.registerKernel({
      kernelName,
      backendName,
      kernelFunc: ({ inputs, backend, attrs }) => (backend as OnnxBackend).record(lowering, inputs, attrs ?? {}),
    });
  }
  for (const kernelName of kernelNames().filter((name) => lowerings[name] === undefined)) {
    tf.registerKernel({ kernelName, backendName, kernelFunc: () => refuse(kernelName) });
  }
}

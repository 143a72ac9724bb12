import { GanymedeError } from "@ganymede/core";
import * as tf from "@tensorflow/tfjs-core";
import { complexKernels } from "./kernels/complex.js";
import { hostKernels } from "./kernels/host.js";
import { runKernel } from "./kernels/run-kernel.js";
import { lowerings } from "./lowering/table.js";
import type { OnnxBackend } from "./recorder.js";

/** Kernels that tfjs-core composes or computes itself where a backend has none: to register a refusal would break them. */
const composedByCore = new Set(["Draw", "FromPixels", "Pool"]);

export const supportedKernels: readonly string[] = [
  ...new Set([...Object.keys(lowerings), ...Object.keys(hostKernels), ...complexKernels]),
].sort();

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

/** Registers a kernel for each name: one that runs, or one that says what is missing. */
export function registerKernels(backendName: string): void {
  for (const kernelName of supportedKernels) {
    tf.registerKernel({
      kernelName,
      backendName,
      kernelFunc: ({ inputs, backend, attrs }) => runKernel(backend as OnnxBackend, kernelName, inputs, attrs ?? {}),
    });
  }
  const known = new Set(supportedKernels);
  for (const kernelName of kernelNames().filter((name) => !known.has(name) && !composedByCore.has(name))) {
    tf.registerKernel({ kernelName, backendName, kernelFunc: () => refuse(kernelName) });
  }
}

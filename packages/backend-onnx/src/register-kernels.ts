import { GanymedeError } from "@ganymede/core";
import * as tf from "@tensorflow/tfjs-core";
import { kernelSupport } from "./kernel-support.js";
import { runKernel } from "./kernels/run-kernel.js";
import { softmaxProducts } from "./lowering/softmax-product.js";
import { lowerings } from "./lowering/table.js";
import type { OnnxBackend } from "./recorder.js";
import type { Engine } from "./runtime/engine.js";

function refuse(kernelName: string): never {
  const supported = kernelSupport().filter(({ runs }) => runs === "graph" || runs === "host");
  throw new GanymedeError(
    "unsupported",
    `onnx backend: no lowering is written for the kernel ${kernelName}; supported: ${supported.map(({ kernel }) => kernel).join(", ")}`,
  );
}

const run =
  (kernelName: string): tf.KernelFunc =>
  ({ inputs, backend, attrs }) =>
    runKernel(backend as OnnxBackend, kernelName, inputs, attrs ?? {});

/** Loops help where a tile can stay in a cache; devices would leave the GPU for each round, and other engines have loops of their own. */
const runsLoops = ({ operators, compiled }: Engine): boolean => operators === undefined && compiled === undefined;

/** Registers a kernel for each name: a working one, or one that throws what is missing. */
export function registerKernels(backendName: string, engine: Engine): void {
  for (const { kernel: kernelName, runs } of kernelSupport()) {
    // Kernels outlive a removed backend.
    if (runs === "core" || tf.getKernel(kernelName, backendName) !== undefined) continue;
    const kernelFunc: tf.KernelFunc = runs === "missing" ? () => refuse(kernelName) : run(kernelName);
    tf.registerKernel({ kernelName, backendName, kernelFunc });
  }
  // Our own kernels.
  const own = Object.keys(lowerings).filter((name) => runsLoops(engine) || !(name in softmaxProducts));
  for (const kernelName of own.filter((name) => tf.getKernel(name, backendName) === undefined)) {
    tf.registerKernel({ kernelName, backendName, kernelFunc: run(kernelName) });
  }
}

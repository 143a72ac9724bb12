import * as tf from "@tensorflow/tfjs-core";
import { complexKernels } from "./kernels/complex.js";
import { hostKernels } from "./kernels/host.js";
import { lowerings } from "./lowering/table.js";

export interface KernelSupport {
  readonly kernel: string;
  /**
   * `graph`: nodes of the compiled graph, also inside `compile`. `host`: computed by tfjs's reference kernels, only
   * outside `compile`. `core`: tfjs-core never requests it from a backend. `missing`: throws an error.
   */
  readonly runs: "graph" | "host" | "core" | "missing";
  /** Whether it supports complex64 tensors. */
  readonly complex: boolean;
  /** Why it is not a graph. */
  readonly reason: string;
}

/** Names that tfjs-core handles without a kernel; registering one would break it. */
const coreKernels: Readonly<Record<string, string>> = {
  Draw: "tf.browser.draw needs a canvas; without a kernel tfjs-core draws through tf.browser.toPixels",
  FromPixels: "tfjs-core reads the pixels itself where a backend has no kernel",
  LowerBound: "tf.lowerBound is SearchSorted",
  MatrixBandPart: "tf.linalg.bandPart is made of other kernels",
  Pool: "tf.pool is made of other kernels",
  UpperBound: "tf.upperBound is SearchSorted",
};

/** Kernel names of tfjs-core: its exported constants whose value is their name. */
function kernelNames(): string[] {
  return Object.entries(tf)
    .filter(([name, value]) => name === value)
    .map(([name]) => name);
}

/** How this backend runs each kernel of the installed tfjs-core, by name. */
export function kernelSupport(): KernelSupport[] {
  return kernelNames()
    .sort()
    .map((kernel) => {
      const complex = complexKernels.includes(kernel);
      if (kernel in lowerings || complex) return { kernel, runs: "graph", complex, reason: "" };
      if (kernel in hostKernels) return { kernel, runs: "host", complex, reason: hostKernels[kernel]! };
      if (kernel in coreKernels) return { kernel, runs: "core", complex, reason: coreKernels[kernel]! };
      return { kernel, runs: "missing", complex, reason: "no lowering is written for it" };
    });
}

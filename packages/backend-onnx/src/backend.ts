import { availableParallelism } from "node:os";
import type { Backend } from "@ganymede/core";
import { compilerSymbol } from "@ganymede/core";
import * as tf from "@tensorflow/tfjs-core";
import { createCompiler } from "./compile-function.js";
import { OnnxBackend } from "./recorder.js";
import { registerKernels } from "./register-kernels.js";
import { createEnvironment } from "./runtime/environment.js";
import { findLibrary } from "./runtime/library.js";

export interface OnnxBackendOptions {
  /** Threads of the engine; without it, one per core that this process may use. */
  readonly threads?: number;
  /** Prefix of the JSON files that the engine's profiler writes; without it nothing is profiled. */
  readonly profile?: string;
}

/**
 * The compiled backend: tfjs programs recorded as graphs and run by ONNX Runtime, whole functions at a time through
 * `compile`.
 */
export function onnxBackend(options: OnnxBackendOptions = {}): Backend {
  const threads = options.threads ?? availableParallelism();
  return {
    id: "onnx",
    device: `CPU, ${threads} ${threads === 1 ? "thread" : "threads"}`,
    priority: 50,
    compiled: true,
    async unavailable() {
      const found = await findLibrary();
      return "reason" in found ? found.reason : null;
    },
    async activate() {
      if (tf.findBackend("onnx") === null) {
        const backend = new OnnxBackend(await createEnvironment({ ...options, threads }));
        Object.assign(backend, { [compilerSymbol]: createCompiler(backend) });
        registerKernels("onnx");
        tf.registerBackend("onnx", () => backend, 50);
      }
      await tf.setBackend("onnx");
    },
  };
}

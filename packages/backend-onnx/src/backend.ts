import { availableParallelism } from "node:os";
import type { Backend } from "@ganymede/core";
import { compilerSymbol, GanymedeError } from "@ganymede/core";
import * as tf from "@tensorflow/tfjs-core";
import { createCompiler } from "./compile-function.js";
import { startProfiler } from "./profile.js";
import { OnnxBackend } from "./recorder.js";
import { registerKernels } from "./register-kernels.js";
import { createEnvironment } from "./runtime/environment.js";
import { findLibrary } from "./runtime/library.js";

export interface OnnxBackendOptions {
  /** Threads of the engine; without it, one per core that this process may use. */
  readonly threads?: number;
}

/**
 * The compiled backend: tfjs programs recorded as graphs and run by ONNX Runtime, whole functions at a time through
 * `compile`.
 */
export function onnxBackend(options: OnnxBackendOptions = {}): Backend {
  const threads = options.threads ?? availableParallelism();
  const activate = async (profile?: string): Promise<void> => {
    if (tf.findBackend("onnx") === null) {
      const environment = await createEnvironment(profile === undefined ? { threads } : { threads, profile });
      const backend = new OnnxBackend(environment);
      Object.assign(backend, { [compilerSymbol]: createCompiler(backend) });
      registerKernels("onnx");
      tf.registerBackend("onnx", () => backend, 50);
    } else if (profile !== undefined) {
      throw new GanymedeError(
        "unsupported",
        "onnx backend: its profiler must be on from the start, but the backend is running; profile in a process of its own",
      );
    }
    await tf.setBackend("onnx");
  };
  return {
    id: "onnx",
    device: `CPU, ${threads} ${threads === 1 ? "thread" : "threads"}`,
    priority: 50,
    compiled: true,
    async unavailable() {
      const found = await findLibrary();
      return "reason" in found ? found.reason : null;
    },
    activate: () => activate(),
    activateProfiled: () => startProfiler(activate),
  };
}

import { compilerSymbol } from "@ganymede/core/compile";
import * as tf from "@tensorflow/tfjs-core";
import { createCompiler } from "./compile-function.js";
import { OnnxBackend } from "./recorder.js";
import { registerKernels } from "./register-kernels.js";
import type { Engine } from "./runtime/engine.js";

/** Registers a started engine as a backend of TensorFlow.js. */
export function registerBackend(id: string, engine: Engine): OnnxBackend {
  const backend = new OnnxBackend(id, engine);
  Object.assign(backend, { [compilerSymbol]: createCompiler(backend) });
  registerKernels(id, engine);
  tf.registerBackend(id, () => backend, 50);
  engine.onExit(() => {
    if (tf.findBackend(id) === backend) tf.removeBackend(id);
  });
  return backend;
}

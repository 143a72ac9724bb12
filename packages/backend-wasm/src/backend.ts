import type { Backend } from "@ganymede/core";
import { GanymedeError } from "@ganymede/core";
import * as tf from "@tensorflow/tfjs-core";

/** TensorFlow.js's WebAssembly backend: eager, one thread in Node, with the kernels that gradients of convolutions and selections need. */
export function wasmBackend(): Backend {
  return {
    id: "wasm",
    device: "CPU, WebAssembly, 1 thread",
    priority: 20,
    compiled: false,
    async unavailable() {
      return "WebAssembly" in globalThis ? null : "this build of Node has no WebAssembly; use another build";
    },
    async activate() {
      await import("@tensorflow/tfjs-backend-wasm");
      const { registerMissingKernels } = await import("./missing-kernels.js");
      registerMissingKernels("wasm");
      if (!(await tf.setBackend("wasm"))) {
        throw new GanymedeError(
          "unavailable",
          "wasm backend: its .wasm file did not load; see setWasmPaths of @tensorflow/tfjs-backend-wasm",
        );
      }
    },
  };
}

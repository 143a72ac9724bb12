import type { Backend } from "@ganymede/core";
import * as tf from "@tensorflow/tfjs-core";

/** TensorFlow.js's WebAssembly engine: eager, one thread in Node. */
export const wasm: Backend = {
  id: "wasm",
  device: "CPU, WebAssembly, 1 thread",
  priority: 20,
  compiled: false,
  async unavailable() {
    return "WebAssembly" in globalThis ? null : "this Node has no WebAssembly; use another build of Node";
  },
  async activate() {
    await import("@tensorflow/tfjs-backend-wasm");
    await tf.setBackend("wasm");
    await tf.ready();
  },
};

import type { Plugin } from "@ganymede/core";
import { definePlugin } from "@ganymede/core";
import { wasmBackend } from "./backend.js";

/** The WebAssembly backend as a plugin. */
export function wasmPlugin(): Plugin {
  return definePlugin({ apiVersion: 1, name: "@ganymede/backend-wasm", backends: [wasmBackend()] });
}

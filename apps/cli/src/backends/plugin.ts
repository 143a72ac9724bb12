import type { Plugin } from "@ganymede/core";
import { definePlugin } from "@ganymede/core";
import { cpu } from "./cpu.js";
import { wasm } from "./wasm.js";

/** The eager backends that come with the command: fallbacks, and references for tests. */
export function eagerBackends(): Plugin {
  return definePlugin({ apiVersion: 1, name: "@ganymede/cli", backends: [wasm, cpu] });
}

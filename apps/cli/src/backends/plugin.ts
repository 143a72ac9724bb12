import type { Plugin } from "@ganymede/core";
import { definePlugin } from "@ganymede/core";
import { cpu } from "./cpu.js";

/** The backend that is always available: a last resort and a reference. */
export function referenceBackend(): Plugin {
  return definePlugin({ apiVersion: 1, name: "@ganymede/cli", backends: [cpu] });
}

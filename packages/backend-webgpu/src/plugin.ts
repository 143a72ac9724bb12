import type { Plugin } from "@ganymede/core";
import { definePlugin } from "@ganymede/core";
import { webgpuBackend } from "./backend.js";

/** The WebGPU backend as a plugin. */
export function webgpuPlugin(): Plugin {
  return definePlugin({ apiVersion: 1, name: "@ganymede/backend-webgpu", backends: [webgpuBackend()] });
}

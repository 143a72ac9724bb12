import type { Plugin } from "@ganymede/core";
import { definePlugin } from "@ganymede/core";
import { onnxBackends } from "./backend.js";

/** The compiled backend as a plugin, for every execution provider of ONNX Runtime. */
export function onnxPlugin(): Plugin {
  return definePlugin({ apiVersion: 1, name: "@ganymede/backend-onnx", backends: onnxBackends() });
}

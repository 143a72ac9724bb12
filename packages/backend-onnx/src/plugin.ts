import type { Plugin } from "@ganymede/core";
import { definePlugin } from "@ganymede/core";
import { onnxBackends } from "./backend.js";

/** The compiled backend as a plugin, on every engine that ONNX Runtime has. */
export function onnxPlugin(): Plugin {
  return definePlugin({ apiVersion: 1, name: "@ganymede/backend-onnx", backends: onnxBackends() });
}

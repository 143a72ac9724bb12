import type { Plugin } from "@ganymede/core";
import { definePlugin } from "@ganymede/core";
import { onnxBackend } from "./backend.js";

/** The compiled backend as a plugin. */
export function onnxPlugin(): Plugin {
  return definePlugin({ apiVersion: 1, name: "@ganymede/backend-onnx", backends: [onnxBackend()] });
}

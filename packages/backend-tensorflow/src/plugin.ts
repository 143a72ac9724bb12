import type { Plugin } from "@ganymede/core";
import { definePlugin } from "@ganymede/core";
import { tensorflowBackend } from "./backend.js";

/** The TensorFlow backend as a plugin. */
export function tensorflowPlugin(): Plugin {
  return definePlugin({ apiVersion: 1, name: "@ganymede/backend-tensorflow", backends: [tensorflowBackend()] });
}

import type { Plugin } from "@ganymede/core";
import { definePlugin } from "@ganymede/core";
import type { OpenvinoBackendOptions } from "./backend.js";
import { openvinoBackend } from "./backend.js";

/** The compiled backend on OpenVINO as a plugin. */
export function openvinoPlugin(options: OpenvinoBackendOptions = {}): Plugin {
  return definePlugin({ apiVersion: 1, name: "@ganymede/backend-openvino", backends: [openvinoBackend(options)] });
}

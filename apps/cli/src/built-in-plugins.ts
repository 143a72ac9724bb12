import { join } from "node:path";
import { attention } from "@ganymede/attention";
import { onnxPlugin } from "@ganymede/backend-onnx";
import { openvinoPlugin } from "@ganymede/backend-openvino";
import { tensorflowPlugin } from "@ganymede/backend-tensorflow";
import { wasmPlugin } from "@ganymede/backend-wasm";
import { webgpuPlugin } from "@ganymede/backend-webgpu";
import type { Plugin } from "@ganymede/core";
import { cacheFolder, data } from "@ganymede/data/node";
import { metrics } from "@ganymede/metrics/node";
import { gansformer } from "@ganymede/models-gansformer";
import { sagan } from "@ganymede/models-sagan";
import { skinny } from "@ganymede/models-skinny";
import { transgan } from "@ganymede/models-transgan";
import { vitgan } from "@ganymede/models-vitgan";
import { trainingPlugin } from "@ganymede/training";
import { referenceBackend } from "./backends/plugin.js";

/** Plugins that are loaded without any configuration. */
export function builtInPlugins(): readonly Plugin[] {
  return [
    trainingPlugin(),
    attention(),
    vitgan(),
    transgan(),
    sagan(),
    gansformer(),
    skinny(),
    data(),
    metrics(),
    onnxPlugin(),
    openvinoPlugin({ cache: join(cacheFolder(), "openvino") }),
    webgpuPlugin(),
    tensorflowPlugin(),
    wasmPlugin(),
    referenceBackend(),
  ];
}

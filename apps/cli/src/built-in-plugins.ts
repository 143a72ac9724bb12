import { join } from "node:path";
import { attention } from "@ganymede/attention";
import { onnxPlugin } from "@ganymede/backend-onnx/plugin";
import { openvinoPlugin } from "@ganymede/backend-openvino";
import { tensorflowPlugin } from "@ganymede/backend-tensorflow";
import { wasmPlugin } from "@ganymede/backend-wasm";
import { webgpuPlugin } from "@ganymede/backend-webgpu";
import type { Plugin } from "@ganymede/core";
import { cacheFolder, data } from "@ganymede/data/node";
import { metrics } from "@ganymede/metrics/node";
import { trainingPlugin } from "@ganymede/training";
import { referenceBackend } from "./backends/plugin.js";

/** The families by id, with which the ids of their presets start. */
const families: Readonly<Record<string, () => Promise<Plugin>>> = {
  vitgan: async () => (await import("@ganymede/models-vitgan")).vitgan(),
  transgan: async () => (await import("@ganymede/models-transgan")).transgan(),
  sagan: async () => (await import("@ganymede/models-sagan")).sagan(),
  gansformer: async () => (await import("@ganymede/models-gansformer")).gansformer(),
  skinny: async () => (await import("@ganymede/models-skinny")).skinny(),
};

/** The family of a preset, or every family if none has it. */
async function familiesFor(preset: string | undefined): Promise<readonly Plugin[]> {
  const one = await families[preset?.replace(/-.*/, "") ?? ""]?.();
  const isIts = one?.models?.some(({ presets }) => presets.some(({ id }) => id === preset)) ?? false;
  return one !== undefined && isIts ? [one] : Promise.all(Object.values(families).map((load) => load()));
}

/**
 * Plugins that are loaded without any configuration.
 *
 * @param preset only this preset is needed, so that one family is enough. Default: every family.
 */
export async function builtInPlugins(preset?: string): Promise<readonly Plugin[]> {
  return [
    trainingPlugin(),
    attention(),
    ...(await familiesFor(preset)),
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

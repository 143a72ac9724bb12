import { existsSync } from "node:fs";
import { join } from "node:path";
import { onnxBackend } from "@ganymede/backend-onnx";
import { tensorflowBackend } from "@ganymede/backend-tensorflow";
import { webgpuBackend } from "@ganymede/backend-webgpu";
import type { Backend } from "@ganymede/core";
import * as tf from "@tensorflow/tfjs-core";
import { root } from "../workspace/packages.js";

/** SwiftShader, the Vulkan driver in software that Debian's package chromium-common carries. */
const swiftShader = "/usr/lib/chromium/vk_swiftshader_icd.json";
/** Where scripts/link-tensorflow.mjs puts the real engine. */
const linkedTensorflow = join(root, "node_modules/.cache/tensorflow");

type Engine = Pick<Backend, "id" | "unavailable" | "activate">;

function plain(id: string, load: () => Promise<unknown>): Engine {
  return {
    id,
    unavailable: async () => null,
    async activate() {
      await load();
      await tf.setBackend(id);
    },
  };
}

/** On the GPU even what is small enough for the engine to do it on the CPU. */
function webgpu(): Engine {
  if (process.env.VK_ICD_FILENAMES === undefined && existsSync(swiftShader)) process.env.VK_ICD_FILENAMES = swiftShader;
  const backend = webgpuBackend();
  return {
    ...backend,
    async activate() {
      await backend.activate();
      tf.env().set("WEBGPU_CPU_FORWARD", false);
    },
  };
}

/** Every engine that the cases run on. */
export function engines(): readonly Engine[] {
  return [
    plain("cpu", () => import("@tensorflow/tfjs-backend-cpu")),
    plain("wasm", () => import("@tensorflow/tfjs-backend-wasm")),
    onnxBackend(),
    webgpu(),
    tensorflowBackend(existsSync(linkedTensorflow) ? { folder: linkedTensorflow } : {}),
  ];
}

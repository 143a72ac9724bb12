import { existsSync } from "node:fs";
import { join } from "node:path";
import { onnxBackend } from "@ganymede/backend-onnx";
import { openvinoBackend } from "@ganymede/backend-openvino";
import { tensorflowBackend } from "@ganymede/backend-tensorflow";
import { wasmBackend } from "@ganymede/backend-wasm";
import { webgpuBackend } from "@ganymede/backend-webgpu";
import type { Backend } from "@ganymede/core";
import * as tf from "@tensorflow/tfjs-core";
import { root } from "../workspace/packages.js";

/** SwiftShader, the Vulkan driver in software that Debian's package chromium-common carries. */
const swiftShader = "/usr/lib/chromium/vk_swiftshader_icd.json";
/** Where scripts/link-tensorflow.mjs puts the real engine. */
const linkedTensorflow = join(root, "node_modules/.cache/tensorflow");

type Engine = Pick<Backend, "id" | "unavailable" | "activate">;

const cpu: Engine = {
  id: "cpu",
  unavailable: async () => null,
  async activate() {
    await import("@tensorflow/tfjs-backend-cpu");
    await tf.setBackend("cpu");
  },
};

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
    cpu,
    wasmBackend(),
    onnxBackend(),
    webgpu(),
    onnxBackend({ provider: "webgpu" }),
    openvinoBackend(),
    tensorflowBackend(existsSync(linkedTensorflow) ? { folder: linkedTensorflow } : {}),
  ];
}

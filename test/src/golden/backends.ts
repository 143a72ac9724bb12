import { onnxBackend } from "@ganymede/backend-onnx";
import { openvinoBackend } from "@ganymede/backend-openvino";
import { tensorflowBackend } from "@ganymede/backend-tensorflow";
import { wasmBackend } from "@ganymede/backend-wasm";
import { webgpuBackend } from "@ganymede/backend-webgpu";
import * as tf from "@tensorflow/tfjs-core";

/** How each backend is started; its code is loaded only then. */
const starters: Readonly<Record<string, () => Promise<void>>> = {
  async cpu() {
    await import("@tensorflow/tfjs-backend-cpu");
    await tf.setBackend("cpu");
  },
  wasm: () => wasmBackend().activate(),
  onnx: () => onnxBackend().activate(),
  "onnx-webgpu": () => onnxBackend({ provider: "webgpu" }).activate(),
  openvino: () => openvinoBackend().activate(),
  webgpu: () => webgpuBackend().activate(),
  tensorflow: () => tensorflowBackend().activate(),
};

/** Of these only compiled functions run on the engine in question. */
export const onlyCompiled: ReadonlySet<string> = new Set(["openvino"]);

export const backendNames = Object.keys(starters);

export async function startBackend(name: string): Promise<void> {
  await starters[name]?.();
  await tf.ready();
}

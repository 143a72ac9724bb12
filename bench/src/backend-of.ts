import { onnxBackend } from "@ganymede/backend-onnx";
import { openvinoBackend } from "@ganymede/backend-openvino";
import { tensorflowBackend } from "@ganymede/backend-tensorflow";
import { wasmBackend } from "@ganymede/backend-wasm";
import { webgpuBackend } from "@ganymede/backend-webgpu";
import type { Backend } from "@ganymede/core";

/** Backends that benchmarks run on, by id. */
const backends = {
  onnx: (threads: number) => onnxBackend({ threads }),
  "onnx-webgpu": (threads: number) => onnxBackend({ threads, provider: "webgpu" }),
  "onnx-cuda": (threads: number) => onnxBackend({ threads, provider: "cuda" }),
  openvino: (threads: number) => openvinoBackend({ threads }),
  webgpu: () => webgpuBackend(),
  wasm: () => wasmBackend(),
  tensorflow: () => tensorflowBackend(),
} as const;

export type BenchBackend = keyof typeof backends;

export function backendOf({ backend, threads }: { backend: BenchBackend; threads: number }): Backend {
  return backends[backend](threads);
}

import type { Precision } from "@ganymede/core";

/** What both engines are asked to run. */
export interface StepSettings {
  readonly preset: string;
  readonly backend: "onnx" | "onnx-webgpu" | "onnx-cuda" | "webgpu" | "wasm" | "tensorflow";
  readonly batch: number;
  /** R1's weight; it applies at every step. */
  readonly gamma: number;
  readonly threads: number;
  /** Of a compiled step; float32 where left out. */
  readonly precision?: Precision;
  /** Where PyTorch computes; the CPU where left out. */
  readonly device?: "cuda";
}

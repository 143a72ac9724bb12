import type { Accelerator } from "../runtime/platform.js";

/** What a list of backends says of the accelerators; the rest of them is loaded when one is probed or started. */
export const devices: Readonly<Record<Accelerator, { readonly device: string; readonly priority: number }>> = {
  webgpu: { device: "GPU, through WebGPU", priority: 55 },
  cuda: { device: "NVIDIA GPU, through CUDA", priority: 58 },
  dml: { device: "GPU, through DirectML", priority: 45 },
  coreml: { device: "Apple GPU and Neural Engine, through Core ML", priority: 40 },
};

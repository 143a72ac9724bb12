import { type GpuFound, platformGpu } from "./gpu.js";

/** The browser's WebGPU. */
export async function findGpu(): Promise<GpuFound> {
  const gpu = platformGpu();
  if (gpu === undefined) {
    return {
      reason:
        "this page has no WebGPU; open it over https or on localhost, in Chrome, Edge, Safari or Firefox of 2025 or later",
    };
  }
  return {
    gpu,
    whenEmpty:
      "the browser offers no GPU; turn on hardware acceleration in its settings, then see its page chrome://gpu or about:support",
    install: () => undefined,
  };
}

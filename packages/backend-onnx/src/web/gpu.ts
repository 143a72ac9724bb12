import type { AdapterInfo } from "./adapter.js";

/** The part of WebGPU's `GPU` that this package uses. */
interface Gpu {
  requestAdapter(options: {
    readonly powerPreference: "high-performance";
  }): Promise<{ readonly info: AdapterInfo } | null>;
}

/** A `GPUBuffer`. */
export interface GpuMemory {
  mapAsync(mode: number): Promise<void>;
  getMappedRange(): ArrayBuffer;
  destroy(): void;
}

interface CommandEncoder {
  copyBufferToBuffer(from: GpuMemory, fromOffset: number, to: GpuMemory, toOffset: number, size: number): void;
  finish(): object;
}

/** The part of WebGPU's `GPUDevice` that this package uses. */
export interface GpuDevice {
  readonly queue: {
    writeBuffer(to: GpuMemory, offset: number, bytes: Uint8Array): void;
    submit(commands: readonly object[]): void;
  };
  createBuffer(description: { readonly size: number; readonly usage: number }): GpuMemory;
  createCommandEncoder(): CommandEncoder;
  addEventListener(
    type: "uncapturederror",
    listener: (event: { readonly error: { readonly message: string } }) => void,
  ): void;
  readonly lost: Promise<{ readonly reason: string; readonly message: string }>;
}

/** Flags of `GPUBufferUsage` and `GPUMapMode` (WebGPU, sections 5.1 and 5.2). */
export const usage = { mapRead: 0x1, copySource: 0x4, copyTarget: 0x8, storage: 0x80 } as const;
export const mapModeRead = 0x1;

/** The browser's adapter, or why there is none and what to do. */
export async function findAdapter(): Promise<{ readonly info: AdapterInfo } | { readonly reason: string }> {
  const { gpu } = (globalThis as { navigator?: { gpu?: Gpu } }).navigator ?? {};
  if (gpu === undefined) {
    return {
      reason:
        "this page has no WebGPU; open it over https or on localhost, in Chrome, Edge, Safari or Firefox of 2025 or later",
    };
  }
  const adapter = await gpu.requestAdapter({ powerPreference: "high-performance" });
  if (adapter !== null) return { info: adapter.info };
  return {
    reason:
      "the browser offers no GPU; turn on hardware acceleration in its settings, then see its page chrome://gpu or about:support",
  };
}

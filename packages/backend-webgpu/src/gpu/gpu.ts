/** Description of an adapter (WebGPU, section 4.5). */
export interface AdapterInfo {
  readonly vendor: string;
  readonly architecture: string;
  readonly device: string;
  readonly description: string;
  readonly isFallbackAdapter?: boolean;
}

/** The part of WebGPU's `GPU` that this package uses. */
export interface Gpu {
  requestAdapter(options: {
    readonly powerPreference: "high-performance";
  }): Promise<{ readonly info: AdapterInfo } | null>;
}

/** Access to GPUs, or why there is none and what to do. */
export type GpuFound =
  | {
      readonly gpu: Gpu;
      /** What to do if there is no adapter. */
      readonly whenEmpty: string;
      /** Installs it where TensorFlow.js looks: `navigator.gpu`, and WebGPU's constants and classes on `globalThis`. */
      readonly install: () => void;
    }
  | { readonly reason: string };

/** The GPU of the platform itself, such as in browsers. */
export function platformGpu(): Gpu | undefined {
  return (globalThis as { navigator?: { gpu?: Gpu } }).navigator?.gpu;
}

/** What an adapter says of itself (WebGPU, section 4.5). */
export interface AdapterInfo {
  readonly vendor: string;
  readonly architecture: string;
  readonly device: string;
  readonly description: string;
  readonly isFallbackAdapter?: boolean;
}

/** The part of WebGPU's `GPU` that this package calls itself. */
export interface Gpu {
  requestAdapter(options: {
    readonly powerPreference: "high-performance";
  }): Promise<{ readonly info: AdapterInfo } | null>;
}

/** A door to GPUs, or why there is none and what to do. */
export type GpuFound =
  | {
      readonly gpu: Gpu;
      /** What to do where the door opens and no adapter is behind it. */
      readonly whenEmpty: string;
      /** Puts it where TensorFlow.js looks: `navigator.gpu`, and WebGPU's constants and classes on `globalThis`. */
      readonly install: () => void;
    }
  | { readonly reason: string };

/** The one that the platform itself offers, as browsers do. */
export function platformGpu(): Gpu | undefined {
  return (globalThis as { navigator?: { gpu?: Gpu } }).navigator?.gpu;
}

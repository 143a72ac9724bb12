import type { Device, Profiler } from "@ganymede/core";
import type { Engine } from "./engine.js";

/** Execution providers of ONNX Runtime other than the CPU's. */
export type Accelerator = "webgpu" | "cuda" | "coreml" | "dml";

/** Execution provider of a backend. */
export type Provider = "cpu" | Accelerator;

export interface EngineOptions {
  /**
   * Threads of the engine. Default: one per available core. In a browser, threads need a cross-origin isolated page; otherwise there is one,
   * and `device` says so. All backends of a page on one provider share them.
   */
  readonly threads?: number;
  /**
   * Browsers only: where onnxruntime-web's `.mjs` and `.wasm` files are served, unless a bundler such as Vite places them: a folder, as a URL
   * that ends with `/`, or the URLs of the engine's two files. The value of the first backend on a provider applies to the
   * whole page.
   */
  readonly wasmPaths?: string | { readonly mjs: string; readonly wasm: string };
}

/** An engine of this platform, not started yet. */
export interface EngineOffer {
  /** Description for the user. */
  readonly device: string;
  /** `auto` chooses the available backend of highest priority. */
  readonly priority: number;
  /** Why it is not available and what to do, or null. */
  unavailable(): Promise<string | null>;
  /** Queries the device; absent if `device` says everything. */
  inspect?(): Promise<Device>;
  /**
   * @param profile prefix of the profiler's files. Default: no profiling.
   * @throws GanymedeError `unavailable` if it does not start.
   */
  start(profile?: string): Promise<Engine>;
  /** Starts a backend with this name and profiling; absent without a profiler. */
  profile?(id: string, activate: (prefix: string) => Promise<void>): Promise<Profiler>;
}

/** Access to ONNX Runtime: in Node by its C API, in browsers by onnxruntime-web. */
export interface Platform {
  readonly providers: readonly Provider[];
  offer(provider: Provider, options: EngineOptions): EngineOffer;
}

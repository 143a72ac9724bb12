import type { Device, Profiler } from "@ganymede/core";
import type { Engine } from "./engine.js";

/** Engines of ONNX Runtime besides its own for the CPU. */
export type Accelerator = "webgpu" | "cuda" | "coreml" | "dml";

/** The engine that a backend runs on (ONNX Runtime's execution providers). */
export type Provider = "cpu" | Accelerator;

export interface EngineOptions {
  /**
   * Threads of the engine; without it, one per core that this process may use. In a browser, threads need a page that is cross-origin
   * isolated: elsewhere there is one, and `device` says so. All backends of a page on one provider share theirs.
   */
  readonly threads?: number;
  /**
   * Browsers only: where onnxruntime-web's `.mjs` and `.wasm` files are served from, where no bundler puts them beside the program as Vite
   * does: a folder, as a URL that ends with `/`, or the URLs of the engine's two files. What the first backend on a provider gives holds
   * for the page.
   */
  readonly wasmPaths?: string | { readonly mjs: string; readonly wasm: string };
}

/** One engine as this platform offers it, not started yet. */
export interface EngineOffer {
  /** Shown to people. */
  readonly device: string;
  /** `auto` takes the available backend of the highest priority. */
  readonly priority: number;
  /** Why it cannot be used here and what to type, or null. */
  unavailable(): Promise<string | null>;
  /** What it found here; absent where `device` says it all. */
  inspect?(): Promise<Device>;
  /**
   * @param profile prefix of the files that the engine's profiler writes, where there is one; without it nothing is profiled.
   * @throws GanymedeError `unavailable` where it does not start.
   */
  start(profile?: string): Promise<Engine>;
  /** Starts a backend under this name whose engine is profiled; absent where there is no profiler. */
  profile?(id: string, activate: (prefix: string) => Promise<void>): Promise<Profiler>;
}

/** How ONNX Runtime is reached: in Node through its C API, in browsers through onnxruntime-web. */
export interface Platform {
  readonly providers: readonly Provider[];
  offer(provider: Provider, options: EngineOptions): EngineOffer;
}

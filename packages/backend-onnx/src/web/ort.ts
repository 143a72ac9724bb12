import { GanymedeError } from "@ganymede/core";
import type { EngineOptions } from "../runtime/platform.js";
import { threadFiles } from "./thread-files.js";

/** Exports of onnxruntime-web. */
export type Ort = typeof import("onnxruntime-web/wasm");

/** Engines of onnxruntime-web. Each is its own WebAssembly program, of 14 and 27 MB, downloaded when it starts. */
export type WebProvider = "cpu" | "webgpu";

const doors: Readonly<Record<WebProvider, () => Promise<Ort>>> = {
  cpu: () => import("onnxruntime-web/wasm"),
  webgpu: () => import("onnxruntime-web/webgpu"),
};

/** The package's module, or why it does not load and what to do. */
export async function findOrt(provider: WebProvider): Promise<{ readonly ort: Ort } | { readonly reason: string }> {
  try {
    return { ort: await doors[provider]() };
  } catch (error) {
    const message = error instanceof Error ? error.message : String(error);
    return {
      reason: `the package onnxruntime-web does not load (${message}); run npm install onnxruntime-web@1.30.0`,
    };
  }
}

/** Threads that a WebAssembly program was started with, fixed for the page. */
const started = new Map<WebProvider, number>();

/**
 * Loads the package and configures its start.
 *
 * @throws GanymedeError `unavailable` if it does not load, `unsupported` if it was started with other settings before.
 */
export async function prepareOrt(
  provider: WebProvider,
  { threads, wasmPaths }: Pick<EngineOptions, "wasmPaths"> & { readonly threads: number },
): Promise<Ort> {
  const found = await findOrt(provider);
  if ("reason" in found) throw new GanymedeError("unavailable", `onnx backend: ${found.reason}`);
  const before = started.get(provider);
  if (before !== undefined) {
    if (before === threads) return found.ort;
    throw new GanymedeError(
      "unsupported",
      `onnx backend: the number of threads is fixed per page, got ${threads} after ${before}; reload the page`,
    );
  }
  started.set(provider, threads);
  const { env } = found.ort;
  env.logLevel = "error";
  env.wasm.numThreads = threads;
  const paths = wasmPaths ?? (threads > 1 ? await threadFiles(provider) : null);
  if (paths !== null) env.wasm.wasmPaths = paths;
  return found.ort;
}

import { GanymedeError } from "@ganymede/core";
import type { EngineOptions } from "../runtime/platform.js";
import { threadFiles } from "./thread-files.js";

/** What onnxruntime-web exports. */
export type Ort = typeof import("onnxruntime-web/wasm");

/** Engines of onnxruntime-web. Each is a WebAssembly program of its own, of 14 and 27 MB, which is fetched when it starts. */
export type WebProvider = "cpu" | "webgpu";

const doors: Readonly<Record<WebProvider, () => Promise<Ort>>> = {
  cpu: () => import("onnxruntime-web/wasm"),
  webgpu: () => import("onnxruntime-web/webgpu"),
};

/** The package's script, or why it does not load and what to type. */
export async function findOrt(provider: WebProvider): Promise<{ readonly ort: Ort } | { readonly reason: string }> {
  try {
    return { ort: await doors[provider]() };
  } catch (error) {
    const message = error instanceof Error ? error.message : String(error);
    return {
      reason: `the package onnxruntime-web does not load (${message}); type npm install onnxruntime-web@1.30.0`,
    };
  }
}

/** Threads that a WebAssembly program was started with; it keeps them until the page ends. */
const started = new Map<WebProvider, number>();

/**
 * Loads the package and tells it how to start.
 *
 * @throws GanymedeError `unavailable` where it does not load, `unsupported` where it started otherwise before.
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
      `onnx backend: threads are set once for a page, got ${threads} after ${before}; load the page anew`,
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

import type { WebProvider } from "./ort.js";

/** The two files of a WebAssembly program: its script, and what that loads. */
export interface ProgramFiles {
  readonly mjs: string;
  readonly wasm: string;
}

/** Written so that a bundler recognises them, places the files and replaces these URLs. */
const files: Readonly<Record<WebProvider, () => ProgramFiles>> = {
  cpu: () => ({
    mjs: new URL("onnxruntime-web/ort-wasm-simd-threaded.mjs", import.meta.url).href,
    wasm: new URL("onnxruntime-web/ort-wasm-simd-threaded.wasm", import.meta.url).href,
  }),
  webgpu: () => ({
    mjs: new URL("onnxruntime-web/ort-wasm-simd-threaded.asyncify.mjs", import.meta.url).href,
    wasm: new URL("onnxruntime-web/ort-wasm-simd-threaded.asyncify.wasm", import.meta.url).href,
  }),
};

type Fetch = (
  address: string,
) => Promise<{ readonly ok: boolean; readonly headers: { get(name: string): string | null } }>;

/**
 * Separate files for threads, or null if no bundler has placed them, such as in development. Each thread loads the script that
 * started it again; a bundler may merge the package's own script with the page's, which would then run in every thread.
 */
export async function threadFiles(provider: WebProvider, load: Fetch = fetch): Promise<ProgramFiles | null> {
  const found = files[provider]();
  const answer = await load(found.mjs).catch(() => null);
  // Servers of single-page applications return the page for missing files.
  const isScript = answer?.ok === true && /javascript/.test(answer.headers.get("content-type") ?? "");
  return isScript ? found : null;
}

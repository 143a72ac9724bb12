import type { WebProvider } from "./ort.js";

/** The two files of a WebAssembly program: its script, and what that loads. */
export interface ProgramFiles {
  readonly mjs: string;
  readonly wasm: string;
}

/** Written so that a bundler sees them: it puts the files beside the program and these addresses in their place. */
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
 * Files of their own for threads, or null where no bundler has put them there, as in development. Each thread loads the script that
 * started it anew; a bundler may make the package's own script one with the page's, which would then run in every thread.
 */
export async function threadFiles(provider: WebProvider, load: Fetch = fetch): Promise<ProgramFiles | null> {
  const found = files[provider]();
  const answer = await load(found.mjs).catch(() => null);
  // Servers of single-page programs answer with the page where they have no file.
  const isScript = answer?.ok === true && /javascript/.test(answer.headers.get("content-type") ?? "");
  return isScript ? found : null;
}

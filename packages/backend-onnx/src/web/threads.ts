/** Threads available to a WebAssembly program, and a description. */
export interface WebThreads {
  readonly threads: number;
  readonly device: string;
}

interface PageFacts {
  readonly crossOriginIsolated?: boolean;
  readonly navigator?: { readonly hardwareConcurrency?: number };
}

/**
 * Threads share memory, which browsers allow on cross-origin isolated pages.
 *
 * @param wanted number of threads. Default: one per core.
 */
export function webThreads(wanted: number | undefined, page: PageFacts = globalThis as PageFacts): WebThreads {
  const cores = wanted ?? page.navigator?.hardwareConcurrency ?? 1;
  const isolated = page.crossOriginIsolated === true;
  const threads = isolated ? cores : 1;
  const why = isolated || cores === 1 ? "" : ": the page is not cross-origin isolated";
  return { threads, device: `CPU (WebAssembly), ${threads} ${threads === 1 ? "thread" : "threads"}${why}` };
}

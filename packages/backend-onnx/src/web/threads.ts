/** Threads that a WebAssembly program may have here, and how to say so. */
export interface WebThreads {
  readonly threads: number;
  readonly device: string;
}

interface PageFacts {
  readonly crossOriginIsolated?: boolean;
  readonly navigator?: { readonly hardwareConcurrency?: number };
}

/**
 * Threads share memory, which browsers allow on pages that are cross-origin isolated.
 *
 * @param wanted number of threads; one per core where left out.
 */
export function webThreads(wanted: number | undefined, page: PageFacts = globalThis as PageFacts): WebThreads {
  const cores = wanted ?? page.navigator?.hardwareConcurrency ?? 1;
  const isolated = page.crossOriginIsolated === true;
  const threads = isolated ? cores : 1;
  const why = isolated || cores === 1 ? "" : ": the page is not cross-origin isolated";
  return { threads, device: `CPU (WebAssembly), ${threads} ${threads === 1 ? "thread" : "threads"}${why}` };
}

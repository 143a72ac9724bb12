import type { Graph } from "../model/encode-model.js";
import type { BlockingEngine } from "../runtime/engine.js";
import type { Provider } from "../runtime/platform.js";
import { createEnvironment } from "./environment.js";
import type { NativeHostBuffer } from "./host-buffers.js";
import { createSession, createSessionAside } from "./session.js";
import { startStore } from "./start-store.js";

/** How the library of ONNX Runtime starts. */
export interface NativeEngineOptions {
  readonly provider: Provider;
  readonly threads: number;
  /** Prefix of the profiler's files. Default: no profiling. */
  readonly profile?: string;
  /** Told of each buffer of the host that is given back to the system, for another engine over the same memory. */
  readonly ended?: (buffer: NativeHostBuffer) => void;
}

/**
 * ONNX Runtime's native library, with tensors in its preferred memory.
 *
 * @throws GanymedeError `unavailable` if the library or device does not start.
 */
export async function startEngine(options: NativeEngineOptions): Promise<BlockingEngine> {
  const environment = await createEnvironment(options);
  const { accelerator } = environment;
  try {
    const store = startStore(environment, options.ended);
    return {
      blocking: true,
      store,
      operators: accelerator?.operators,
      load: (graph, model) => createSession(environment, graph, model),
      ...(accelerator === null && {
        loadAside: (graph: Graph, model: Uint8Array) => createSessionAside(environment, graph, model),
      }),
      onExit(close) {
        if (accelerator !== null) process.once("exit", close);
      },
      release() {
        store.release();
        // A process that exits with an open device crashes; the CPU engine has nothing to close.
        if (accelerator !== null) environment.release();
      },
    };
  } catch (error) {
    environment.release();
    throw error;
  }
}

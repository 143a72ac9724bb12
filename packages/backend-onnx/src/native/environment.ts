import { availableParallelism } from "node:os";
import koffi from "koffi";
import type { Provider } from "../runtime/platform.js";
import type { ModelPurpose } from "../runtime/purpose.js";
import { keepAlive } from "./keep-alive.js";
import type { OrtLibrary } from "./library.js";
import { openLibrary } from "./library.js";
import type { AcceleratorFacts } from "./providers.js";
import { accelerators } from "./providers.js";

export interface EnvironmentOptions {
  /** Threads of the pool that all sessions share. Default: one per available core. */
  readonly threads?: number;
  /** Prefix of the profiler's files. Default: no profiling. */
  readonly profile?: string;
  /** Execution provider of its sessions. Default: `cpu`. */
  readonly provider?: Provider;
}

/** An engine with its thread pool, which all environments of a process share. */
export interface OrtEnvironment {
  readonly library: OrtLibrary;
  readonly threads: number;
  /** Execution provider in addition to the CPU, or null. */
  readonly accelerator: AcceleratorFacts | null;
  /** Address of a typed array's memory; the array must be kept alive while it is used. */
  readonly address: (bytes: Uint8Array) => bigint;
  /** Loads an ONNX model and returns the session's pointer. */
  load(model: Uint8Array, purpose: ModelPurpose): bigint;
  /** The same on another thread, on the CPU only: an accelerator's queue belongs to one. */
  loadAside(model: Uint8Array, purpose: ModelPurpose): Promise<bigint>;
  /** Releases it, after its last session. */
  release(): void;
}

const loggingLevelError = 3;
// Our own passes simplify training graphs; the engine's optimiser gains nothing on them and its time grows faster than the graph.
const optimizationLevel = { training: 0, inference: 99 } as const satisfies Record<ModelPurpose, number>;

/**
 * Gives all sessions one arena for what they compute on the way. They run one after the other, so the second phase of a step gets the
 * pages that the first has touched, instead of as many of its own.
 */
function shareMemory(library: OrtLibrary, environment: bigint): void {
  const arenaAllocator = 1;
  const defaultMemory = 0;
  const memory = library.create("CreateCpuMemoryInfo", arenaAllocator, defaultMemory);
  try {
    library.call("CreateAndRegisterAllocator", environment, memory, null);
  } finally {
    library.release("ReleaseMemoryInfo", memory);
  }
}

/** Starts the engine. All sessions share one thread pool, so that two phases of a step do not compete for cores. */
export async function createEnvironment(options: EnvironmentOptions = {}): Promise<OrtEnvironment> {
  const library = await openLibrary();
  const provider = options.provider ?? "cpu";
  const accelerator = provider === "cpu" ? null : accelerators[provider];
  const threads = options.threads ?? availableParallelism();
  const threading = library.create("CreateThreadingOptions");
  library.call("SetGlobalIntraOpNumThreads", threading, threads);
  library.call("SetGlobalInterOpNumThreads", threading, 1);
  library.call("SetGlobalDenormalAsZero", threading);
  const environment = library.create("CreateEnvWithGlobalThreadPools", loggingLevelError, "ganymede", threading);
  if (accelerator === null) shareMemory(library, environment);
  const optionsFor = (purpose: ModelPurpose): bigint => {
    const sessionOptions = library.create("CreateSessionOptions");
    library.call("DisablePerSessionThreads", sessionOptions);
    library.call("SetSessionGraphOptimizationLevel", sessionOptions, optimizationLevel[purpose]);
    // Planning all memory ahead needs half as much again as allocating buffers one by one, and saves no time.
    library.call("DisableMemPattern", sessionOptions);
    if (options.profile !== undefined) library.call("EnableProfiling", sessionOptions, options.profile);
    if (accelerator === null) library.call("AddSessionConfigEntry", sessionOptions, "session.use_env_allocators", "1");
    return sessionOptions;
  };
  return {
    library,
    threads,
    accelerator,
    address: (bytes) => koffi.address(bytes),
    load(model, purpose) {
      const sessionOptions = optionsFor(purpose);
      try {
        accelerator?.append(library, sessionOptions);
        return library.create("CreateSessionFromArray", environment, model, model.length, sessionOptions);
      } finally {
        library.release("ReleaseSessionOptions", sessionOptions);
      }
    },
    async loadAside(model, purpose) {
      const sessionOptions = optionsFor(purpose);
      try {
        return await library.createAsync("CreateSessionFromArray", environment, model, model.length, sessionOptions);
      } finally {
        library.release("ReleaseSessionOptions", sessionOptions);
        keepAlive(model);
      }
    },
    release: () => library.release("ReleaseEnv", environment),
  };
}

import { availableParallelism } from "node:os";
import type { Backend, GraphProfile } from "@ganymede/core";
import { GanymedeError } from "@ganymede/core";
import * as tf from "@tensorflow/tfjs-core";
import type { FoundLibrary } from "./find-library.js";
import { findLibrary } from "./find-library.js";

/** Where OpenVINO is, and how it computes. */
export interface OpenvinoBackendOptions {
  /** Threads of both engines. Default: one per core that this process may use. */
  readonly threads?: number;
  /** Path of OpenVINO's C library. Default: what `findLibrary` finds. */
  readonly library?: string;
  /** Folder in which compiled functions are kept for later processes; null for none. Default: null. */
  readonly cache?: string | null;
}

let searched: Promise<FoundLibrary> | undefined;

/**
 * The compiled backend with its steps on OpenVINO: tfjs programs recorded as graphs; functions of `compile` run on OpenVINO, single
 * operations on ONNX Runtime, over the same memory. On the CPU, in float32. `auto` takes it for trainings that repay the seconds of compiling.
 */
export function openvinoBackend(options: OpenvinoBackendOptions = {}): Backend {
  const id = "openvino";
  const threads = options.threads ?? availableParallelism();
  const find = async (): Promise<FoundLibrary> => {
    if (options.library !== undefined) return { path: options.library };
    searched ??= findLibrary();
    return searched;
  };
  const activate = async (profiles?: GraphProfile[]): Promise<void> => {
    if (tf.findBackend(id) === null) {
      const found = await find();
      if ("reason" in found) throw new GanymedeError("unavailable", `openvino backend: ${found.reason}`);
      const cache = options.cache ?? null;
      const [{ registerBackend }, { startOpenvino }] = await Promise.all([
        import("@ganymede/backend-onnx/engine"),
        import("./engine.js"),
      ]);
      const engine = { library: found.path, threads, device: "CPU", cache, ...(profiles && { profiles }) };
      registerBackend(id, await startOpenvino(engine));
    } else if (profiles !== undefined) {
      throw new GanymedeError(
        "unsupported",
        `${id} backend: its profiler must be enabled before it starts, but the backend is running; profile in a separate process`,
      );
    }
    await tf.setBackend(id);
  };
  return {
    id,
    device: `CPU, OpenVINO, ${threads} ${threads === 1 ? "thread" : "threads"}`,
    priority: 52,
    repaysAfter: { steps: 200, seconds: 60 },
    compiled: true,
    notice: "OpenVINO compiles a step before it first runs, which takes seconds; later processes find it in the cache.",
    async unavailable() {
      const found = await find();
      if ("reason" in found) return found.reason;
      const { openLibrary } = await import("./library.js");
      try {
        openLibrary(found.path);
        return null;
      } catch (error) {
        if (!GanymedeError.is(error)) throw error;
        return error.message.replace(/^openvino backend: /, "");
      }
    },
    activate: () => activate(),
    async activateProfiled() {
      const profiles: GraphProfile[] = [];
      await activate(profiles);
      return {
        async finish() {
          // Ends the sessions, which hand over their counters then.
          tf.removeBackend(id);
          return profiles.sort((a, b) => b.milliseconds - a.milliseconds);
        },
      };
    },
    withThreads: (count) => openvinoBackend({ ...options, threads: count }),
  };
}

import { availableParallelism } from "node:os";
import { registerBackend } from "@ganymede/backend-onnx/engine";
import type { Backend } from "@ganymede/core";
import { GanymedeError } from "@ganymede/core";
import * as tf from "@tensorflow/tfjs-core";
import { startOpenvino } from "./engine.js";
import { findLibrary } from "./find-library.js";

export interface OpenvinoBackendOptions {
  /** Threads of both engines. Default: one per core that this process may use. */
  readonly threads?: number;
  /** Path of OpenVINO's C library. Default: `$GANYMEDE_OPENVINO`, a Python environment, or the system's folders, see `findLibrary`. */
  readonly library?: string;
}

/**
 * The compiled backend with its steps on OpenVINO: tfjs programs recorded as graphs; functions of `compile` run on OpenVINO, single
 * operations on ONNX Runtime, over the same memory.
 */
export function openvinoBackend(options: OpenvinoBackendOptions = {}): Backend {
  const id = "openvino";
  const threads = options.threads ?? availableParallelism();
  const find = () => (options.library === undefined ? findLibrary() : { path: options.library });
  return {
    id,
    device: `CPU, OpenVINO, ${threads} ${threads === 1 ? "thread" : "threads"}`,
    priority: 45,
    compiled: true,
    async unavailable() {
      const found = await find();
      return "reason" in found ? found.reason : null;
    },
    async activate() {
      if (tf.findBackend(id) === null) {
        const found = await find();
        if ("reason" in found) throw new GanymedeError("unavailable", `openvino backend: ${found.reason}`);
        registerBackend(id, await startOpenvino({ library: found.path, threads, device: "CPU", cache: null }));
      }
      await tf.setBackend(id);
    },
    withThreads: (count) => openvinoBackend({ ...options, threads: count }),
  };
}

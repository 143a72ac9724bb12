import { createRequire } from "node:module";
import { availableParallelism } from "node:os";
import { pathToFileURL } from "node:url";
import { Worker } from "node:worker_threads";
import { GanymedeError } from "@ganymede/core";
import type { SceneRenderer, ScenesSpec } from "../scenes/scenes.js";
import type { SceneAnswer } from "./scenes-worker.js";

interface Waiting {
  readonly resolve: (pixels: Uint8Array) => void;
  readonly reject: (error: Error) => void;
}

/** Worker threads that render scenes. Idle threads do not keep the process alive. */
export interface ScenePool {
  readonly render: SceneRenderer;
  close(): Promise<void>;
}

// The package's built file, also when this module runs from its sources; flags of the parent, such as a source loader,
// do not apply to it.
const workerFile = (): URL => pathToFileURL(createRequire(import.meta.url).resolve("#scenes-worker"));

/** Starts the threads on the first request; each batch is divided among them. */
export function scenePool(size = Math.max(1, Math.min(4, availableParallelism() - 1))): ScenePool {
  const workers: Worker[] = [];
  const waiting = new Map<number, Waiting>();
  let lastId = 0;

  const fail = (error: unknown): void => {
    const failure = new GanymedeError(
      "unsupported",
      `scenes: a worker thread must not fail, but it did: ${String(error)}`,
      {
        cause: error,
      },
    );
    for (const { reject } of waiting.values()) reject(failure);
    waiting.clear();
  };
  const settle = ({ id, pixels }: SceneAnswer): void => {
    waiting.get(id)?.resolve(pixels);
    waiting.delete(id);
    if (waiting.size === 0) for (const worker of workers) worker.unref();
  };
  const start = (): void => {
    while (workers.length < size) {
      const worker = new Worker(workerFile(), { execArgv: [] });
      worker.on("message", settle);
      worker.on("error", fail);
      workers.push(worker);
    }
  };
  const ask = (worker: Worker, spec: ScenesSpec, indices: Uint32Array): Promise<Uint8Array> =>
    new Promise((resolve, reject) => {
      const id = ++lastId;
      waiting.set(id, { resolve, reject });
      worker.ref();
      worker.postMessage({ id, spec, indices });
    });

  return {
    async render(spec, indices) {
      start();
      const share = Math.ceil(indices.length / workers.length);
      const parts = await Promise.all(
        workers
          .map((worker, i) => ({ worker, part: indices.slice(i * share, (i + 1) * share) }))
          .filter(({ part }) => part.length > 0)
          .map(({ worker, part }) => ask(worker, spec, part)),
      );
      const out = new Uint8Array(indices.length * spec.size * spec.size * 3);
      let at = 0;
      for (const part of parts) {
        out.set(part, at);
        at += part.length;
      }
      return out;
    },
    async close() {
      const ending = workers.splice(0).map((worker) => worker.terminate());
      await Promise.all(ending);
      fail("the dataset was closed");
    },
  };
}

import { parentPort } from "node:worker_threads";
import type { ScenesSpec } from "../scenes/scenes.js";
import { renderHere } from "../scenes/scenes.js";

/** A batch to render; the result has the same id. */
export interface SceneTask {
  readonly id: number;
  readonly spec: ScenesSpec;
  readonly indices: Uint32Array;
}

export interface SceneAnswer {
  readonly id: number;
  readonly pixels: Uint8Array;
}

parentPort?.on("message", (task: SceneTask) => {
  void renderHere(task.spec, task.indices).then((pixels) => {
    parentPort?.postMessage({ id: task.id, pixels } satisfies SceneAnswer, [pixels.buffer as ArrayBuffer]);
  });
});

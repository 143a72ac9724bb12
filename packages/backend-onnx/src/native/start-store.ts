import { GanymedeError } from "@ganymede/core";
import type { TensorStore } from "../runtime/engine.js";
import { deviceStore } from "./device-store.js";
import type { OrtEnvironment } from "./environment.js";
import type { NativeHostBuffer } from "./host-buffers.js";
import { hostStore } from "./store.js";

/**
 * Tensor memory of the environment's engine.
 *
 * @throws GanymedeError `unavailable` if its device does not start.
 */
export function startStore(environment: OrtEnvironment, ended?: (buffer: NativeHostBuffer) => void): TensorStore {
  const memory = environment.accelerator?.memory ?? null;
  if (memory === null) return hostStore(environment.library, ended);
  try {
    return deviceStore(environment, memory);
  } catch (cause) {
    // The engine's message has several lines.
    const why = (cause instanceof Error ? cause.message : String(cause)).replace(/\s+/g, " ").trim();
    throw new GanymedeError("unavailable", `the device does not start (${why}); update its driver`, { cause });
  }
}

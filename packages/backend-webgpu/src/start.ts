import { GanymedeError } from "@ganymede/core";
import * as tf from "@tensorflow/tfjs-core";
import { findGpu } from "#gpu";
import { repeatAndPadAxisByAxis } from "./axis-by-axis.js";
import { castToFloat } from "./cast-to-float.js";
import { allowHighRanks } from "./high-ranks.js";
import type { WebgpuEngine } from "./mend-engine.js";
import { refuseToWait, reportErrors } from "./mend-engine.js";
import { mendShaders } from "./mend-shaders.js";

/**
 * Starts TensorFlow.js's WebGPU backend and mends it.
 *
 * @throws GanymedeError `unavailable` without a GPU.
 */
export async function start(): Promise<void> {
  const found = await findGpu();
  if ("reason" in found) throw new GanymedeError("unavailable", `webgpu backend: ${found.reason}`);
  found.install();
  await import("@tensorflow/tfjs-backend-webgpu");
  if (!(await tf.setBackend("webgpu"))) {
    throw new GanymedeError("unavailable", "webgpu backend: the GPU did not provide a device; update its driver");
  }
  const engine = tf.backend() as unknown as WebgpuEngine;
  allowHighRanks("webgpu");
  repeatAndPadAxisByAxis("webgpu");
  castToFloat("webgpu");
  mendShaders(engine);
  reportErrors(engine);
  if (!("OffscreenCanvas" in globalThis)) refuseToWait(engine);
}

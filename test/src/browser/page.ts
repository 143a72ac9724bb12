import "@tensorflow/tfjs-backend-cpu";
import { webgpuBackend } from "@ganymede/backend-webgpu";
import * as tf from "@tensorflow/tfjs-core";
import { generate } from "./generate.js";

/** What the page hands back: the engine that it found, and what it computed. */
export interface PageResult {
  readonly backend: string;
  readonly device: string;
  /** Why it was not WebGPU, or null. */
  readonly reason: string | null;
  readonly images: readonly number[];
}

/** Runs in the page: on WebGPU where the browser gives an adapter, else on the reference engine. */
export async function run(): Promise<PageResult> {
  const webgpu = webgpuBackend();
  const reason = await webgpu.unavailable();
  if (reason === null) await webgpu.activate();
  else await tf.setBackend("cpu");
  const { name } = reason === null ? await webgpu.inspect!() : { name: "CPU" };
  return { backend: tf.getBackend(), device: name, reason, images: await generate() };
}

import "@tensorflow/tfjs-backend-cpu";
import { type OnnxBackendOptions, onnxBackend } from "@ganymede/backend-onnx";
import { webgpuBackend } from "@ganymede/backend-webgpu";
import type { Backend } from "@ganymede/core";
import * as tf from "@tensorflow/tfjs-core";
import { generate } from "./generate.js";
import { type Training, train } from "./train.js";

/** What the page hands back: the engine that it found, and what it computed. */
export interface PageResult {
  readonly backend: string;
  readonly device: string;
  /** Why the engine that was asked for is not there, or null. */
  readonly reason: string | null;
  readonly images: readonly number[];
}

async function generateOn(engine: Backend): Promise<PageResult> {
  const reason = await engine.unavailable();
  if (reason === null) await engine.activate();
  else await tf.setBackend("cpu");
  const device = reason === null ? ((await engine.inspect?.())?.name ?? engine.device) : "CPU";
  return { backend: tf.getBackend(), device, reason, images: await generate() };
}

/** What the test calls in the page. Images and losses on an engine that is not there come from the reference engine. */
const page = {
  webgpu: () => generateOn(webgpuBackend()),
  onnx: (options: OnnxBackendOptions) => generateOn(onnxBackend(options)),
  train: (...args: Parameters<typeof train>): Promise<Training> => train(...args),
};

export type Page = typeof page;

Object.assign(globalThis, { ganymede: page });
(globalThis as unknown as { document: { title: string } }).document.title = "ready";

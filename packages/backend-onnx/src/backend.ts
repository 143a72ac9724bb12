import type { Backend } from "@ganymede/core";
import { GanymedeError } from "@ganymede/core";
import * as tf from "@tensorflow/tfjs-core";
import { platform } from "#platform";
import { registerBackend } from "./register-backend.js";
import type { EngineOptions, Provider } from "./runtime/platform.js";

/** Where the backend runs, and how its engine starts. */
export interface OnnxBackendOptions extends EngineOptions {
  /** What it runs on; `cpu` where left out. The others are backends of their own: `onnx-webgpu`, `onnx-cuda` and so on. */
  readonly provider?: Provider;
}

/**
 * The compiled backend: tfjs programs recorded as graphs and run by ONNX Runtime, whole functions at a time through
 * `compile`. On a device with memory of its own, tensors stay there until they are read. In browsers it runs on onnxruntime-web, and
 * values are read with `data()`.
 */
export function onnxBackend(options: OnnxBackendOptions = {}): Backend {
  const provider = options.provider ?? "cpu";
  const id = provider === "cpu" ? "onnx" : `onnx-${provider}`;
  const offer = platform.offer(provider, options);
  const activate = async (profile?: string): Promise<void> => {
    if (tf.findBackend(id) === null) {
      registerBackend(id, await offer.start(profile));
    } else if (profile !== undefined) {
      throw new GanymedeError(
        "unsupported",
        `${id} backend: its profiler must be on from the start, but the backend is running; profile in a process of its own`,
      );
    }
    await tf.setBackend(id);
  };
  return {
    id,
    device: offer.device,
    priority: offer.priority,
    compiled: true,
    unavailable: () => offer.unavailable(),
    ...(offer.inspect === undefined ? {} : { inspect: offer.inspect }),
    activate: () => activate(),
    ...(provider === "cpu" && { withThreads: (threads: number) => onnxBackend({ ...options, threads }) }),
    ...(offer.profile === undefined ? {} : { activateProfiled: () => offer.profile!(id, activate) }),
  };
}

/** The backends of every engine that this platform may have. */
export function onnxBackends(): Backend[] {
  return platform.providers.map((provider) => onnxBackend({ provider }));
}

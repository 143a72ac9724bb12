import type { Backend } from "@ganymede/core";
import { GanymedeError } from "@ganymede/core";
import * as tf from "@tensorflow/tfjs-core";
import { platform } from "#platform";
import type { EngineOptions, Provider } from "./runtime/platform.js";

/** Device and start options of the backend. */
export interface OnnxBackendOptions extends EngineOptions {
  /** Execution provider. Default: `cpu`. The others are separate backends: `onnx-webgpu`, `onnx-cuda` and so on. */
  readonly provider?: Provider;
}

/**
 * The compiled backend: records tfjs programs as graphs and runs them with ONNX Runtime, whole functions at a time with
 * `compile`. On a device with its own memory, tensors stay there until they are read. In browsers it runs on onnxruntime-web, and
 * values are read with `data()`.
 */
export function onnxBackend(options: OnnxBackendOptions = {}): Backend {
  const provider = options.provider ?? "cpu";
  const id = provider === "cpu" ? "onnx" : `onnx-${provider}`;
  const offer = platform.offer(provider, options);
  const activate = async (profile?: string): Promise<void> => {
    if (tf.findBackend(id) === null) {
      // The compiler and its kernels are loaded while the engine starts, and not to list backends.
      const [{ registerBackend }, engine] = await Promise.all([import("./register-backend.js"), offer.start(profile)]);
      registerBackend(id, engine);
    } else if (profile !== undefined) {
      throw new GanymedeError(
        "unsupported",
        `${id} backend: its profiler must be enabled before it starts, but the backend is running; profile in a separate process`,
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

/** Backends of every execution provider that this platform may have. */
export function onnxBackends(): Backend[] {
  return platform.providers.map((provider) => onnxBackend({ provider }));
}

import { availableParallelism } from "node:os";
import type { Backend, Device } from "@ganymede/core";
import { compilerSymbol, GanymedeError } from "@ganymede/core";
import * as tf from "@tensorflow/tfjs-core";
import { createCompiler } from "./compile-function.js";
import { startProfiler } from "./profile.js";
import { OnnxBackend } from "./recorder.js";
import { registerKernels } from "./register-kernels.js";
import type { OrtEnvironment } from "./runtime/environment.js";
import { createEnvironment } from "./runtime/environment.js";
import { findLibrary, openLibrary } from "./runtime/library.js";
import type { Accelerator, Provider } from "./runtime/providers.js";
import { accelerators } from "./runtime/providers.js";
import { startStore } from "./runtime/start-store.js";
import type { TensorStore } from "./runtime/store.js";
import { whyNotStarting } from "./runtime/try-start.js";
import { openVulkanDevices } from "./runtime/vulkan-devices.js";

export interface OnnxBackendOptions {
  /** Threads of the engine; without it, one per core that this process may use. */
  readonly threads?: number;
  /** What it runs on; `cpu` where left out. The others are backends of their own: `onnx-webgpu`, `onnx-cuda` and so on. */
  readonly provider?: Provider;
}

/** Why an engine cannot be used here and what to type, or null. */
async function unavailable(provider: Provider): Promise<string | null> {
  const found = await findLibrary();
  if ("reason" in found) return found.reason;
  if (provider === "cpu") return null;
  const { registered, carried, missing } = accelerators[provider];
  const library = await openLibrary();
  if (!library.providers().includes(registered)) {
    return `ONNX Runtime ${library.version} for ${process.platform}-${process.arch} is built without ${registered}, which onnxruntime-node carries for ${carried}; use --backend onnx`;
  }
  return missing(found.path) ?? whyNotStarting(provider);
}

/** The GPU that WebGPU will ask for, where that can be told. */
function inspectWebgpu(): Device {
  const { device } = accelerators.webgpu;
  if (process.platform !== "linux") {
    return { name: device, onlyByName: "whether its GPU is one in software cannot be told here" };
  }
  const found = openVulkanDevices();
  if ("reason" in found) throw new GanymedeError("unavailable", `onnx-webgpu backend: ${found.reason}`);
  const { name, software } = found.devices[0]!;
  return software
    ? {
        name: `${name}, a GPU in software`,
        onlyByName: "its GPU is one in software, far slower than the CPU's own engines",
      }
    : { name, onlyByName: null };
}

/** The memory of an environment, which ends where there is none. */
function startOrRelease(environment: OrtEnvironment): TensorStore {
  try {
    return startStore(environment);
  } catch (error) {
    environment.release();
    throw error;
  }
}

async function start(id: string, provider: Provider, threads: number, profile?: string): Promise<void> {
  const environment = await createEnvironment({ provider, threads, ...(profile === undefined ? {} : { profile }) });
  const backend = new OnnxBackend(environment, startOrRelease(environment));
  Object.assign(backend, { [compilerSymbol]: createCompiler(backend) });
  registerKernels(id);
  tf.registerBackend(id, () => backend, 50);
  if (environment.accelerator === null) return;
  process.once("exit", () => {
    if (tf.findBackend(id) === backend) tf.removeBackend(id);
  });
}

/**
 * The compiled backend: tfjs programs recorded as graphs and run by ONNX Runtime, whole functions at a time through
 * `compile`. On a device with memory of its own, tensors stay there until they are read.
 */
export function onnxBackend(options: OnnxBackendOptions = {}): Backend {
  const threads = options.threads ?? availableParallelism();
  const provider = options.provider ?? "cpu";
  const id = provider === "cpu" ? "onnx" : `onnx-${provider}`;
  const activate = async (profile?: string): Promise<void> => {
    if (tf.findBackend(id) === null) {
      await start(id, provider, threads, profile);
    } else if (profile !== undefined) {
      throw new GanymedeError(
        "unsupported",
        `${id} backend: its profiler must be on from the start, but the backend is running; profile in a process of its own`,
      );
    }
    await tf.setBackend(id);
  };
  const backend: Backend = {
    id,
    device: `CPU, ${threads} ${threads === 1 ? "thread" : "threads"}`,
    priority: 50,
    compiled: true,
    unavailable: () => unavailable(provider),
    activate: () => activate(),
    activateProfiled: () => startProfiler(id, activate),
  };
  if (provider === "cpu") return backend;
  const { device, priority } = accelerators[provider];
  const inspect = provider === "webgpu" ? { inspect: async () => inspectWebgpu() } : {};
  return { ...backend, device, priority, ...inspect };
}

/** The backends besides the one of the CPU. */
export function acceleratedBackends(): Backend[] {
  return (Object.keys(accelerators) as Accelerator[]).map((provider) => onnxBackend({ provider }));
}

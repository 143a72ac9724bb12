import { availableParallelism } from "node:os";
import type { Device } from "@ganymede/core";
import { GanymedeError } from "@ganymede/core";
import type { Accelerator, Platform, Provider } from "../runtime/platform.js";
import { startEngine } from "./engine.js";
import { findLibrary, openLibrary } from "./library.js";
import { startProfiler } from "./profile.js";
import { accelerators } from "./providers.js";
import { whyNotStarting } from "./try-start.js";
import { openVulkanDevices } from "./vulkan-devices.js";

/** Why an engine is not available here and what to do, or null. */
async function unavailable(provider: Provider): Promise<string | null> {
  const found = await findLibrary();
  if ("reason" in found) return found.reason;
  if (provider === "cpu") return null;
  const { registered, carried, missing } = accelerators[provider];
  const library = await openLibrary();
  if (!library.providers().includes(registered)) {
    return `ONNX Runtime ${library.version} for ${process.platform}-${process.arch} is built without ${registered}, which onnxruntime-node has for ${carried}; use --backend onnx`;
  }
  return missing(found.path) ?? whyNotStarting(provider);
}

/** The GPU that WebGPU will use, if it can be determined. */
async function inspectWebgpu(): Promise<Device> {
  const { device } = accelerators.webgpu;
  if (process.platform !== "linux") {
    return { name: device, autoSkipReason: "whether its GPU is one in software cannot be told here" };
  }
  const found = openVulkanDevices();
  if ("reason" in found) throw new GanymedeError("unavailable", `onnx-webgpu backend: ${found.reason}`);
  const { name, software } = found.devices[0]!;
  return software
    ? {
        name: `${name}, a GPU in software`,
        autoSkipReason: "its GPU is one in software, far slower than the CPU's own engines",
      }
    : { name, autoSkipReason: null };
}

/** ONNX Runtime in Node: the library of onnxruntime-node. */
export const platform: Platform = {
  providers: ["cpu", ...(Object.keys(accelerators) as Accelerator[])],
  offer(provider, options) {
    if (options.wasmPaths !== undefined) {
      throw new GanymedeError(
        "invalid-argument",
        `onnxBackend: wasmPaths must not be set in Node, where the engine is a library, got ${JSON.stringify(options.wasmPaths)}; set it in browsers only`,
      );
    }
    const threads = options.threads ?? availableParallelism();
    const cpu = { device: `CPU, ${threads} ${threads === 1 ? "thread" : "threads"}`, priority: 50 };
    const { device, priority } = provider === "cpu" ? cpu : accelerators[provider];
    return {
      device,
      priority,
      unavailable: () => unavailable(provider),
      ...(provider === "webgpu" ? { inspect: inspectWebgpu } : {}),
      start: (profile) => startEngine({ provider, threads, ...(profile === undefined ? {} : { profile }) }),
      profile: startProfiler,
    };
  },
};

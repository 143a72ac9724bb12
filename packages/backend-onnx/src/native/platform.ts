import { availableParallelism } from "node:os";
import type { Device } from "@ganymede/core";
import { GanymedeError } from "@ganymede/core";
import type { Accelerator, Platform, Provider } from "../runtime/platform.js";
import { devices } from "./devices.js";
import { findLibrary } from "./find-library.js";

/** Why an engine is not available here and what to do, or null. */
async function unavailable(provider: Provider): Promise<string | null> {
  const found = await findLibrary();
  if ("reason" in found) return found.reason;
  if (provider === "cpu") return null;
  const [{ accelerators }, { openLibrary }, { whyNotStarting }] = await Promise.all([
    import("./providers.js"),
    import("./library.js"),
    import("./try-start.js"),
  ]);
  const { registered, carried, missing } = accelerators[provider];
  const library = await openLibrary();
  if (!library.providers().includes(registered)) {
    return `ONNX Runtime ${library.version} for ${process.platform}-${process.arch} is built without ${registered}, which onnxruntime-node has for ${carried}; use --backend onnx`;
  }
  return missing(found.path) ?? whyNotStarting(provider);
}

/** The GPU that WebGPU will use, if it can be determined. */
async function inspectWebgpu(): Promise<Device> {
  const { device } = devices.webgpu;
  if (process.platform !== "linux") {
    return { name: device, autoSkipReason: "whether its GPU is one in software cannot be told here" };
  }
  const { openVulkanDevices } = await import("./vulkan-devices.js");
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
  providers: ["cpu", ...(Object.keys(devices) as Accelerator[])],
  offer(provider, options) {
    if (options.wasmPaths !== undefined) {
      throw new GanymedeError(
        "invalid-argument",
        `onnxBackend: wasmPaths must not be set in Node, where the engine is a library, got ${JSON.stringify(options.wasmPaths)}; set it in browsers only`,
      );
    }
    const threads = options.threads ?? availableParallelism();
    const cpu = { device: `CPU, ${threads} ${threads === 1 ? "thread" : "threads"}`, priority: 50 };
    const { device, priority } = provider === "cpu" ? cpu : devices[provider];
    return {
      device,
      priority,
      unavailable: () => unavailable(provider),
      ...(provider === "webgpu" ? { inspect: inspectWebgpu } : {}),
      async start(profile) {
        const { startEngine } = await import("./engine.js");
        return startEngine({ provider, threads, ...(profile === undefined ? {} : { profile }) });
      },
      async profile(id, activate) {
        const { startProfiler } = await import("./profile.js");
        return startProfiler(id, activate);
      },
    };
  },
};

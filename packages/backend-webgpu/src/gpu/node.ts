import { type Gpu, type GpuFound, platformGpu } from "./gpu.js";
import { vulkanDrivers } from "./vulkan.js";

/** Exports of the npm package `webgpu`: Dawn, Chrome's WebGPU, for Node. */
interface Dawn {
  create(flags: readonly string[]): Gpu;
  readonly globals: Readonly<Record<string, unknown>>;
}

const installDriver =
  "install the driver of your GPU (NVIDIA's own; for AMD and Intel: apt-get install libvulkan1 mesa-vulkan-drivers)";

/** One per process, never released: Dawn's devices do not outlive it. */
let opened: GpuFound | undefined;

async function open(): Promise<GpuFound> {
  const platform = platformGpu();
  if (platform !== undefined) {
    return {
      gpu: platform,
      whenEmpty: "this runtime offers no GPU; install the driver of your GPU",
      install: () => undefined,
    };
  }
  // Without a driver, Dawn would print its own warnings.
  if (process.platform === "linux" && vulkanDrivers(process.env).length === 0) {
    return { reason: `no Vulkan driver is installed; ${installDriver}` };
  }
  let dawn: Dawn;
  try {
    dawn = (await import("webgpu")) as unknown as Dawn;
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException;
    return code === "ERR_MODULE_NOT_FOUND"
      ? { reason: "the npm package webgpu is not installed; run npm install webgpu@0.6.2" }
      : {
          reason: `the npm package webgpu does not load (${message.split("\n")[0]}); it needs Windows, macOS or a Linux with glibc 2.31 or later, x64 or arm64`,
        };
  }
  const gpu = dawn.create([]);
  const whenEmpty =
    process.platform === "linux"
      ? `the Vulkan drivers ${vulkanDrivers(process.env).join(", ")} offer no GPU that Dawn can use; ${installDriver}`
      : "Dawn finds no GPU; update the driver of your GPU";
  return {
    gpu,
    whenEmpty,
    install() {
      // Node 21 and later have a navigator, without a GPU.
      const { navigator } = globalThis as { navigator?: object };
      if (navigator !== undefined) Object.defineProperty(navigator, "gpu", { value: gpu, configurable: true });
      else Object.defineProperty(globalThis, "navigator", { value: { gpu }, configurable: true, writable: true });
      Object.assign(globalThis, dawn.globals);
    },
  };
}

/** Dawn's WebGPU, or the runtime's own if it has one. */
export async function findGpu(): Promise<GpuFound> {
  opened ??= await open();
  return opened;
}

import { existsSync } from "node:fs";
import { dirname, join } from "node:path";
import { plainOperators } from "../optimize/plain-operators.js";
import type { Rule } from "../optimize/rewrite.js";
import { webgpuOperators } from "../optimize/webgpu-operators.js";
import type { Accelerator } from "../runtime/platform.js";
import type { OrtLibrary } from "./library.js";
import { openVulkanDevices } from "./vulkan-devices.js";

export interface AcceleratorFacts {
  /** Its name in the list of what the library was built with. */
  readonly registered: string;
  /** The engine's name for its memory; null where it works in memory of the host. */
  readonly memory: string | null;
  /** Shown to people. */
  readonly device: string;
  readonly priority: number;
  /** Where onnxruntime-node carries it. */
  readonly carried: string;
  /** Writes what it lacks in operators that it has. */
  readonly operators: Rule;
  append(library: OrtLibrary, sessionOptions: bigint): void;
  /** What is missing besides the library itself, and what to type; null for nothing. */
  missing(libraryPath: string): string | null;
}

const byName =
  (name: string) =>
  (library: OrtLibrary, sessionOptions: bigint): void => {
    const none = new BigUint64Array(1);
    library.call("SessionOptionsAppendExecutionProvider", sessionOptions, name, none, none, 0);
  };

const nothing = (): null => null;

function missingVulkan(): string | null {
  if (process.platform !== "linux") return null;
  const found = openVulkanDevices();
  return "reason" in found ? found.reason : null;
}

function missingCuda(libraryPath: string): string | null {
  const file = "libonnxruntime_providers_cuda.so";
  return process.platform !== "linux" || existsSync(join(dirname(libraryPath), file))
    ? null
    : `${file} is not installed; type npm install onnxruntime-node --onnxruntime-node-install=cuda12 (it needs CUDA 12 and cuDNN 9)`;
}

export const accelerators: Readonly<Record<Accelerator, AcceleratorFacts>> = {
  webgpu: {
    registered: "WebGpuExecutionProvider",
    memory: "WebGPU_Buf",
    device: "GPU, through WebGPU",
    priority: 55,
    carried: "Linux, macOS and Windows on x64, macOS and Windows on arm64",
    operators: webgpuOperators,
    append: byName("WebGPU"),
    missing: missingVulkan,
  },
  cuda: {
    registered: "CUDAExecutionProvider",
    memory: "Cuda",
    device: "NVIDIA GPU, through CUDA",
    priority: 58,
    carried: "Linux on x64",
    operators: plainOperators,
    append: (library, sessionOptions) => library.appendCuda(sessionOptions),
    missing: missingCuda,
  },
  dml: {
    registered: "DmlExecutionProvider",
    memory: "DML",
    device: "GPU, through DirectML",
    priority: 45,
    carried: "Windows",
    operators: plainOperators,
    append: byName("DML"),
    missing: nothing,
  },
  coreml: {
    registered: "CoreMLExecutionProvider",
    memory: null,
    device: "Apple GPU and Neural Engine, through Core ML",
    priority: 40,
    carried: "macOS",
    operators: plainOperators,
    append: byName("CoreML"),
    missing: nothing,
  },
};

import { existsSync } from "node:fs";
import { dirname, join } from "node:path";
import { plainOperators } from "../optimize/plain-operators.js";
import type { Rule } from "../optimize/rewrite.js";
import { webgpuOperators } from "../optimize/webgpu-operators.js";
import type { Accelerator } from "../runtime/platform.js";
import type { OrtLibrary } from "./library.js";
import { openVulkanDevices } from "./vulkan-devices.js";

export interface AcceleratorFacts {
  /** Its name in the library's list of providers. */
  readonly registered: string;
  /** The engine's name for its memory; null for host memory. */
  readonly memory: string | null;
  /** Platforms for which onnxruntime-node has it. */
  readonly carried: string;
  /** Rewrites operators that it lacks. */
  readonly operators: Rule;
  append(library: OrtLibrary, sessionOptions: bigint): void;
  /** What is missing besides the library itself and what to do, or null. */
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
    : `${file} is not installed; run npm install onnxruntime-node --onnxruntime-node-install=cuda12 (it needs CUDA 12 and cuDNN 9)`;
}

export const accelerators: Readonly<Record<Accelerator, AcceleratorFacts>> = {
  webgpu: {
    registered: "WebGpuExecutionProvider",
    memory: "WebGPU_Buf",
    carried: "Linux, macOS and Windows on x64, macOS and Windows on arm64",
    operators: webgpuOperators,
    append: byName("WebGPU"),
    missing: missingVulkan,
  },
  cuda: {
    registered: "CUDAExecutionProvider",
    memory: "Cuda",
    carried: "Linux on x64",
    operators: plainOperators,
    append: (library, sessionOptions) => library.appendCuda(sessionOptions),
    missing: missingCuda,
  },
  dml: {
    registered: "DmlExecutionProvider",
    memory: "DML",
    carried: "Windows",
    operators: plainOperators,
    append: byName("DML"),
    missing: nothing,
  },
  coreml: {
    registered: "CoreMLExecutionProvider",
    memory: null,
    carried: "macOS",
    operators: plainOperators,
    append: byName("CoreML"),
    missing: nothing,
  },
};

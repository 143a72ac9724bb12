import type { Backend } from "@ganymede/core";
import { GanymedeError } from "@ganymede/core";
import * as tf from "@tensorflow/tfjs-core";
import { findGpu } from "#gpu";
import { adapterName, isSoftware } from "./adapter.js";
import type { AdapterInfo } from "./gpu/gpu.js";

/** The adapter that TensorFlow.js will request, or why there is none. */
async function findAdapter(): Promise<{ readonly info: AdapterInfo } | { readonly reason: string }> {
  const found = await findGpu();
  if ("reason" in found) return found;
  const adapter = await found.gpu.requestAdapter({ powerPreference: "high-performance" });
  return adapter === null ? { reason: found.whenEmpty } : { info: adapter.info };
}

/**
 * TensorFlow.js's WebGPU backend: eager; in browsers with their own WebGPU, in Node with Dawn (npm package `webgpu`). A software GPU
 * (SwiftShader, llvmpipe) is used only if named; `auto` skips it.
 */
export function webgpuBackend(): Backend {
  return {
    id: "webgpu",
    device: "GPU",
    priority: 60,
    compiled: false,
    async unavailable() {
      const found = await findAdapter();
      return "reason" in found ? found.reason : null;
    },
    async inspect() {
      const found = await findAdapter();
      if ("reason" in found) throw new GanymedeError("unavailable", `webgpu backend: ${found.reason}`);
      const software = isSoftware(found.info);
      return {
        name: `${adapterName(found.info)}${software ? ", a software GPU" : ""}`,
        autoSkipReason: software ? "its GPU is emulated in software, far slower than the CPU backends" : null,
      };
    },
    async activate() {
      if (tf.findBackend("webgpu") === null) await (await import("./start.js")).start();
      await tf.setBackend("webgpu");
    },
  };
}

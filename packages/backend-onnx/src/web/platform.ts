import { GanymedeError } from "@ganymede/core";
import type { EngineOffer, EngineOptions, Platform } from "../runtime/platform.js";
import { deviceOf } from "./adapter.js";
import type { WebEngineOptions } from "./engine.js";
import { startWebEngine } from "./engine.js";
import { findAdapter } from "./gpu.js";
import { findOrt } from "./ort.js";
import { webThreads } from "./threads.js";

async function reasonOf(found: Promise<object>): Promise<string | null> {
  const result = await found;
  return "reason" in result ? String(result.reason) : null;
}

const start = ({ wasmPaths }: EngineOptions, options: Omit<WebEngineOptions, "wasmPaths">) =>
  startWebEngine({ ...options, ...(wasmPaths === undefined ? {} : { wasmPaths }) });

function cpuOffer(options: EngineOptions): EngineOffer {
  const { threads, device } = webThreads(options.threads);
  return {
    device,
    priority: 50,
    unavailable: () => reasonOf(findOrt("cpu")),
    start: () => start(options, { provider: "cpu", threads }),
  };
}

function webgpuOffer(options: EngineOptions): EngineOffer {
  return {
    device: "GPU, through WebGPU",
    priority: 55,
    unavailable: async () => (await reasonOf(findAdapter())) ?? reasonOf(findOrt("webgpu")),
    async inspect() {
      const found = await findAdapter();
      if ("reason" in found) throw new GanymedeError("unavailable", `onnx-webgpu backend: ${found.reason}`);
      return deviceOf(found.info);
    },
    async start() {
      const reason = await reasonOf(findAdapter());
      if (reason !== null) throw new GanymedeError("unavailable", `onnx-webgpu backend: ${reason}`);
      // Threads would only serve operators without a shader.
      return start(options, { provider: "webgpu", threads: webThreads(options.threads ?? 1).threads });
    },
  };
}

function refusal(provider: string): EngineOffer {
  const reason = `onnxruntime-web has no ${provider}, which is available only in Node; use onnxBackend({ provider: "webgpu" })`;
  return {
    device: `none: ${provider} is for Node`,
    priority: 0,
    unavailable: async () => reason,
    start: () => Promise.reject(new GanymedeError("unavailable", `onnx-${provider} backend: ${reason}`)),
  };
}

/** ONNX Runtime in browsers: onnxruntime-web. */
export const platform: Platform = {
  providers: ["cpu", "webgpu"],
  offer(provider, options) {
    if (provider === "cpu") return cpuOffer(options);
    return provider === "webgpu" ? webgpuOffer(options) : refusal(provider);
  },
};

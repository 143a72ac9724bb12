import { GanymedeError } from "@ganymede/core";
import { GraphBuilder } from "../graph/builder.js";
import { encodeModel } from "../model/encode-model.js";
import { webgpuOperators } from "../optimize/webgpu-operators.js";
import type { AsyncEngine, Session, TensorStore } from "../runtime/engine.js";
import type { EngineOptions } from "../runtime/platform.js";
import type { GpuDevice } from "./gpu.js";
import { gpuStore } from "./gpu-store.js";
import { webHostStore } from "./host-store.js";
import type { WebProvider } from "./ort.js";
import { prepareOrt } from "./ort.js";
import type { WebRuntime } from "./session.js";
import { createWebSession } from "./session.js";
import { turns } from "./turns.js";
import { watchDevice } from "./watch-device.js";

export interface WebEngineOptions extends Pick<EngineOptions, "wasmPaths"> {
  readonly provider: WebProvider;
  readonly threads: number;
}

/** A first session, which copies its input: it starts the program and keeps its device open. */
async function firstSession(runtime: WebRuntime): Promise<Session> {
  const feed = new GraphBuilder().feed("float32", [1]);
  const graph = { inputs: [feed], outputs: [feed] };
  try {
    return await createWebSession(runtime, graph, encodeModel(graph));
  } catch (error) {
    const { cause } = error as GanymedeError;
    const message = cause instanceof Error ? cause.message : String(cause);
    throw new GanymedeError(
      "unavailable",
      `onnx backend: onnxruntime-web did not start (${message}); if its files are served from another address, pass wasmPaths to onnxBackend`,
      { cause },
    );
  }
}

async function startStore({ ort, provider }: WebRuntime): Promise<TensorStore> {
  if (provider === "cpu") return webHostStore(ort);
  const device = (await ort.env.webgpu.device) as unknown as GpuDevice;
  return gpuStore(ort, device, watchDevice(device));
}

/**
 * ONNX Runtime in a browser.
 *
 * @throws GanymedeError `unavailable` if onnxruntime-web or the device does not start.
 */
export async function startWebEngine({ provider, ...options }: WebEngineOptions): Promise<AsyncEngine> {
  const runtime: WebRuntime = { ort: await prepareOrt(provider, options), provider, turn: turns() };
  const first = await firstSession(runtime);
  const store = await startStore(runtime);
  return {
    blocking: false,
    store,
    operators: provider === "webgpu" ? webgpuOperators : undefined,
    load: (graph, model) => createWebSession(runtime, graph, model),
    // Closing the page releases everything.
    onExit: () => undefined,
    release() {
      store.release();
      first.release();
    },
  };
}

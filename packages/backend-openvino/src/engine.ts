import type { BlockingEngine, CompiledEngine } from "@ganymede/backend-onnx/engine";
import { optimizeWhole, startEngine } from "@ganymede/backend-onnx/engine";
import koffi from "koffi";
import { openLibrary } from "./library.js";
import { createSession, TensorTable } from "./session.js";

export interface OpenvinoEngineOptions {
  /** Path of OpenVINO's C library. */
  readonly library: string;
  readonly threads: number;
  /** OpenVINO's name of the device: `CPU`, `GPU`, `NPU`. */
  readonly device: string;
  /** Folder in which compiled models are kept; null for none. */
  readonly cache: string | null;
}

/** C strings side by side: the address of each, and the bytes that must outlive their use. */
function strings(texts: readonly string[]) {
  const bytes = texts.map((text) => new TextEncoder().encode(`${text}\0`));
  return { bytes, addresses: BigUint64Array.from(bytes, (each) => koffi.address(each) as bigint) };
}

/**
 * ONNX Runtime for single operations and OpenVINO for compiled functions, over the same memory.
 *
 * @throws GanymedeError `unavailable` if either library does not load.
 */
export async function startOpenvino(options: OpenvinoEngineOptions): Promise<BlockingEngine> {
  const { threads, device, cache } = options;
  const library = openLibrary(options.library);
  const core = library.create("ov_core_create");
  const engine = await startEngine({ provider: "cpu", threads });
  const properties = {
    // Else it may choose bfloat16 by itself, index arithmetic included; narrower numbers are casts in our graphs.
    INFERENCE_PRECISION_HINT: "f32",
    NUM_STREAMS: "1",
    INFERENCE_NUM_THREADS: String(threads),
    CPU_DENORMALS_OPTIMIZATION: "YES",
    ...(cache !== null && { CACHE_DIR: cache }),
  };
  const pairs = strings(Object.entries(properties).flat());
  const tensors = new TensorTable(library);
  const compiled: CompiledEngine = {
    optimize: optimizeWhole,
    load(graph, model) {
      const read = library.create("ov_core_read_model_from_memory_buffer", core, model, model.length, null);
      try {
        const count = pairs.addresses.length / 2;
        const made = library.create("ov_core_compile_model_props", core, read, device, count, pairs.addresses);
        return createSession(library, graph, made, tensors);
      } finally {
        library.release("ov_model_free", read);
      }
    },
  };
  return {
    ...engine,
    compiled,
    release() {
      engine.release();
      library.release("ov_core_free", core);
    },
  };
}

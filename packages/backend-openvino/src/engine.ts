import { mkdir } from "node:fs/promises";
import type { BlockingEngine, CompiledEngine, Constant, TensorStore, Value } from "@ganymede/backend-onnx/engine";
import { encodeModel, feedsOf, startEngine } from "@ganymede/backend-onnx/engine";
import type { GraphProfile } from "@ganymede/core";
import { GanymedeError } from "@ganymede/core";
import koffi from "koffi";
import { openLibrary } from "./library.js";
import { liftConstants } from "./optimize/lifted-constants.js";
import { optimize } from "./optimize/optimize.js";
import { readProfile } from "./profile.js";
import { refusalOf } from "./refusal.js";
import type { FixedInputs } from "./session.js";
import { createSession, hasElements, TensorTable } from "./session.js";

export interface OpenvinoEngineOptions {
  /** Path of OpenVINO's C library. */
  readonly library: string;
  readonly threads: number;
  /** OpenVINO's name of the device: `CPU`, `GPU`, `NPU`. */
  readonly device: string;
  /** Folder in which compiled models are kept; null for none. */
  readonly cache: string | null;
  /** Receives the profile of each function that ran, when its session ends. Default: nothing is counted. */
  readonly profiles?: GraphProfile[];
}

/** C strings side by side: the address of each, and the bytes that must outlive their use. */
function strings(texts: readonly string[]) {
  const bytes = texts.map((text) => new TextEncoder().encode(`${text}\0`));
  return { bytes, addresses: BigUint64Array.from(bytes, (each) => koffi.address(each) as bigint) };
}

function propertiesOf({ threads, cache, profiles }: OpenvinoEngineOptions): Readonly<Record<string, string>> {
  return {
    // Else it may choose bfloat16 by itself, index arithmetic included; narrower numbers are casts in our graphs.
    INFERENCE_PRECISION_HINT: "f32",
    NUM_STREAMS: "1",
    INFERENCE_NUM_THREADS: String(threads),
    CPU_DENORMALS_OPTIMIZATION: "YES",
    ...(cache !== null && { CACHE_DIR: cache }),
    ...(profiles !== undefined && { PERF_COUNT: "YES" }),
  };
}

/** @throws GanymedeError `file-system` if the folder cannot be made. */
async function makeFolder(cache: string): Promise<void> {
  try {
    await mkdir(cache, { recursive: true });
  } catch (cause) {
    const why = cause instanceof Error ? cause.message : String(cause);
    throw new GanymedeError(
      "file-system",
      `openvino backend: the folder of compiled functions must be writable, but ${cache} cannot be made (${why}); name another in $GANYMEDE_CACHE`,
      { cause },
    );
  }
}

/** Memory with the values of constants that are fed. */
function constantBuffers({ staging }: TensorStore, constants: readonly Value[]): FixedInputs {
  const buffers = constants.map(({ type, shape, source }) => {
    const buffer = staging.allocate(type, shape);
    const { data } = source as Constant;
    if (data.length === 1) (buffer.data as Float32Array).fill(data[0] as number);
    else (buffer.data as Float32Array).set(data as Float32Array);
    return buffer;
  });
  return { buffers, release: () => buffers.forEach((buffer) => void staging.release(buffer)) };
}

/**
 * ONNX Runtime for single operations and OpenVINO for compiled functions, over the same memory.
 *
 * @throws GanymedeError `unavailable` if either library does not load, `file-system` if the folder of compiled functions cannot be made.
 */
export async function startOpenvino(options: OpenvinoEngineOptions): Promise<BlockingEngine> {
  const { threads, device, cache, profiles } = options;
  if (cache !== null) await makeFolder(cache);
  const library = openLibrary(options.library);
  const core = library.create("ov_core_create");
  const tensors = new TensorTable(library);
  const engine = await startEngine({ provider: "cpu", threads, ended: tensors.forget });
  const properties = strings(Object.entries(propertiesOf(options)).flat());
  const compiled: CompiledEngine = {
    // Relu, Max, Min and Clip do, in silence.
    losesNaN: true,
    // In float16 small second moments are lost.
    precisions: ["float32", "bfloat16"],
    optimize,
    load(given) {
      const { graph, constants } = liftConstants(given);
      const outputs = graph.outputs.filter(hasElements);
      if (outputs.length === 0) return { graph, run: async () => undefined, release: () => undefined };
      // An input that no node reads is dropped there, and all after it would move up.
      const read = feedsOf(outputs);
      const model = encodeModel({ inputs: graph.inputs.filter((input) => read.has(input)), outputs });
      try {
        const parsed = library.create("ov_core_read_model_from_memory_buffer", core, model, model.length, null);
        try {
          const { addresses } = properties;
          const args = [core, parsed, device, addresses.length / 2, addresses] as const;
          const compiledModel = library.create("ov_core_compile_model_props", ...args);
          return createSession(library, {
            graph,
            read,
            compiledModel,
            tensors,
            fixed: constantBuffers(engine.store, constants),
            ...(profiles && { profile: (...last) => void profiles.push(readProfile(library, ...last)) }),
          });
        } finally {
          library.release("ov_model_free", parsed);
        }
      } catch (cause) {
        throw refusalOf(cause);
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

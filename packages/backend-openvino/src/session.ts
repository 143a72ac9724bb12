import type { Buffer, Graph, NativeHostBuffer, Session, Value } from "@ganymede/backend-onnx/engine";
import { sizeOf } from "@ganymede/backend-onnx/engine";
import type { OpenvinoLibrary, Pointer } from "./library.js";

/** Codes of `ov_element_type_e`. */
const elementCode = {
  bool: 1,
  bfloat16: 2,
  float16: 3,
  float32: 4,
  float64: 5,
  int32: 9,
  int64: 10,
  uint8: 16,
} as const;

/** OpenVINO's tensors over the memory of buffers, made once for each buffer and freed with it. */
export class TensorTable {
  private readonly tensors = new WeakMap<Buffer, Pointer>();

  constructor(private readonly library: OpenvinoLibrary) {}

  of(buffer: Buffer): Pointer {
    const known = this.tensors.get(buffer);
    if (known !== undefined) return known;
    const { type, shape, data } = buffer as NativeHostBuffer;
    const dims = BigInt64Array.from(shape, BigInt);
    const memory = new Uint8Array(data.buffer, data.byteOffset, data.byteLength);
    const sizes = { rank: dims.length, dims };
    const tensor = this.library.create("ov_tensor_create_from_host_ptr", elementCode[type], sizes, memory);
    this.tensors.set(buffer, tensor);
    return tensor;
  }

  /** Frees the tensor over a buffer whose memory goes back to the system. */
  readonly forget = (buffer: Buffer): void => {
    const tensor = this.tensors.get(buffer);
    if (tensor === undefined) return;
    this.tensors.delete(buffer);
    this.library.release("ov_tensor_free", tensor);
  };
}

/** Whether there is anything to compute of a tensor: OpenVINO takes none without elements. */
export function hasElements({ shape }: { readonly shape: readonly number[] }): boolean {
  return sizeOf(shape) > 0;
}

/** Buffers that every run reads, after its own inputs. */
export interface FixedInputs {
  readonly buffers: readonly Buffer[];
  release(): void;
}

/** What a session runs. */
export interface CompiledGraph {
  readonly graph: Graph;
  /** Those of its inputs that the model has. */
  readonly read: ReadonlySet<Value>;
  /** The session frees it. */
  readonly compiledModel: Pointer;
  readonly tensors: TensorTable;
  readonly fixed: FixedInputs;
  /** Called before the session ends, if its model counts the time of its operators. */
  readonly profile?: (request: Pointer, runs: number, milliseconds: number) => void;
}

/** A compiled model with one request: one run at a time. */
export function createSession(
  library: OpenvinoLibrary,
  { graph, read, compiledModel, tensors, fixed, profile }: CompiledGraph,
): Session {
  const request = library.create("ov_compiled_model_create_infer_request", compiledModel);
  const bind = (side: "input" | "output", buffers: readonly Buffer[]): void => {
    buffers.forEach((buffer, i) => {
      library.call(`ov_infer_request_set_${side}_tensor_by_index`, request, i, tensors.of(buffer));
    });
  };
  let last: Promise<void> = Promise.resolve();
  let runs = 0;
  let milliseconds = 0;
  const infer = async (): Promise<void> => {
    const start = performance.now();
    await library.callAsync("ov_infer_request_infer", request);
    milliseconds = performance.now() - start;
    runs += 1;
  };
  return {
    graph,
    run(inputs, outputs) {
      const turn = last.then(() => {
        bind(
          "input",
          [...inputs, ...fixed.buffers].filter((_, i) => read.has(graph.inputs[i]!)),
        );
        bind("output", outputs.filter(hasElements));
        return infer();
      });
      // A run that fails is the business of its caller, not of the next.
      last = turn.catch(() => undefined);
      return turn;
    },
    release() {
      if (runs > 0) profile?.(request, runs, milliseconds);
      library.release("ov_infer_request_free", request);
      library.release("ov_compiled_model_free", compiledModel);
      fixed.release();
    },
  };
}

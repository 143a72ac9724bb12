import type { Buffer, Graph, NativeHostBuffer, Session } from "@ganymede/backend-onnx/engine";
import type { OpenvinoLibrary, Pointer } from "./library.js";

/** Codes of `ov_element_type_e`. */
const elementCode = { bool: 1, float16: 3, float32: 4, float64: 5, int32: 9, int64: 10, uint8: 16 } as const;

/** OpenVINO's tensors over the memory of buffers, made once for each buffer and freed with it. */
export class TensorTable {
  private readonly tensors = new WeakMap<Buffer, Pointer>();
  private readonly freed: FinalizationRegistry<Pointer>;

  constructor(private readonly library: OpenvinoLibrary) {
    this.freed = new FinalizationRegistry((pointer) => library.release("ov_tensor_free", pointer));
  }

  of(buffer: Buffer): Pointer {
    const known = this.tensors.get(buffer);
    if (known !== undefined) return known;
    const { type, shape, data } = buffer as NativeHostBuffer;
    const dims = BigInt64Array.from(shape, BigInt);
    const memory = new Uint8Array(data.buffer, data.byteOffset, data.byteLength === 0 ? 8 : data.byteLength);
    const tensor = this.library.create(
      "ov_tensor_create_from_host_ptr",
      elementCode[type],
      { rank: dims.length, dims },
      memory,
    );
    this.tensors.set(buffer, tensor);
    this.freed.register(buffer, tensor);
    return tensor;
  }
}

/** A compiled model with one request: one run at a time. */
export function createSession(
  library: OpenvinoLibrary,
  graph: Graph,
  compiled: Pointer,
  tensors: TensorTable,
): Session {
  const request = library.create("ov_compiled_model_create_infer_request", compiled);
  let running: Promise<void> = Promise.resolve();
  return {
    graph,
    async run(inputs, outputs) {
      const before = running;
      const run = async (): Promise<void> => {
        await before.catch(() => undefined);
        inputs.forEach((buffer, i) => {
          library.call("ov_infer_request_set_input_tensor_by_index", request, i, tensors.of(buffer));
        });
        outputs.forEach((buffer, i) => {
          library.call("ov_infer_request_set_output_tensor_by_index", request, i, tensors.of(buffer));
        });
        await library.callAsync("ov_infer_request_infer", request);
      };
      running = run();
      await running;
    },
    release() {
      library.release("ov_infer_request_free", request);
      library.release("ov_compiled_model_free", compiled);
    },
  };
}

import type { ElementType, HostArray } from "../graph/value.js";
import { elementCode } from "../model/element-types.js";
import { inputName, outputName } from "../model/encode-model.js";
import { ProtobufWriter } from "../model/protobuf.js";
import type { Buffer, TensorStore } from "../runtime/engine.js";
import { BufferPool } from "../runtime/pool.js";
import type { OrtEnvironment } from "./environment.js";
import type { NativeBuffer } from "./host-buffers.js";
import { dimensions, hostBuffers } from "./host-buffers.js";
import type { NativeSession } from "./session.js";
import { createSession } from "./session.js";

/** A model that copies a tensor of any shape. The engine transfers it between memories. */
function copyModel(type: ElementType): Uint8Array {
  const tensor = (writer: ProtobufWriter, name: string): ProtobufWriter =>
    writer.text(1, name).message(2, (inner) => inner.message(1, (ofTensor) => ofTensor.integer(1, elementCode[type])));
  const [from, to] = [inputName(0), outputName(0)];
  return new ProtobufWriter()
    .integer(1, 10)
    .message(7, (graph) =>
      graph
        .message(1, (node) => node.text(1, from).text(2, to).text(4, "Identity"))
        .text(2, "copy")
        .message(11, (input) => tensor(input, from))
        .message(12, (output) => tensor(output, to)),
    )
    .message(8, (operators) => operators.text(1, "").integer(2, 21))
    .finish();
}

/**
 * Tensors in device memory. Runs read and write them there; only `write` and `read` transfer.
 *
 * @param memory the engine's name for that memory.
 */
export function deviceStore(environment: OrtEnvironment, memory: string): TensorStore {
  const { library } = environment;
  const feed = { id: -1, type: "float32", shape: [], source: { kind: "feed" } } as const;
  const copies = new Map<ElementType, NativeSession>();
  const copyOf = (type: ElementType): NativeSession => {
    const known = copies.get(type);
    if (known !== undefined) return known;
    const made = createSession(environment, { inputs: [feed], outputs: [feed] }, copyModel(type));
    copies.set(type, made);
    return made;
  };
  const deviceAllocator = 0;
  const memoryInfo = library.create("CreateMemoryInfo", memory, deviceAllocator, 0, 0);
  const allocator = library.create("CreateAllocator", copyOf("float32").pointer, memoryInfo);
  const pool = new BufferPool<NativeBuffer>({
    make(type, shape) {
      const dims = dimensions(shape);
      const args = [allocator, dims, dims.length, elementCode[type]] as const;
      return { type, shape, handle: library.create("CreateTensorAsOrtValue", ...args) };
    },
    end: ({ handle }) => library.release("ReleaseValue", handle),
  });
  const staging = new BufferPool(hostBuffers(library));
  const readNow = (buffer: Buffer): HostArray => {
    const host = staging.allocate(buffer.type, buffer.shape);
    copyOf(buffer.type).runSync([buffer], [host]);
    staging.release(host);
    return host.data.slice();
  };
  return {
    pool,
    staging,
    write(type, shape, values) {
      const [host, buffer] = [staging.allocate(type, shape), pool.allocate(type, shape)];
      (host.data as Float32Array).set(values as Float32Array);
      copyOf(type).runSync([host], [buffer]);
      staging.release(host);
      return buffer;
    },
    readNow,
    read: async (buffer) => readNow(buffer),
    release() {
      pool.trim();
      staging.trim();
      library.release("ReleaseAllocator", allocator);
      library.release("ReleaseMemoryInfo", memoryInfo);
      for (const copy of copies.values()) copy.release();
      copies.clear();
    },
  };
}

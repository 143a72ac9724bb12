import type { Tensor } from "onnxruntime-web/webgpu";
import { sizeOf } from "../graph/value.js";
import { viewOf } from "../model/element-types.js";
import type { Buffer, TensorStore } from "../runtime/engine.js";
import type { BufferKind } from "../runtime/pool.js";
import { BufferPool, bytesOf } from "../runtime/pool.js";
import type { GpuDevice, GpuMemory } from "./gpu.js";
import { mapModeRead, usage } from "./gpu.js";
import type { Ort } from "./ort.js";
import { hostBuffers } from "./web-buffer.js";

/** A tensor in GPU memory. */
interface GpuBuffer extends Buffer {
  readonly memory: GpuMemory;
  readonly tensor: Tensor;
}

/** Bytes of a tensor's memory: ONNX Runtime copies and binds multiples of 16, and empty buffers cannot be bound. */
function paddedBytes({ type, shape }: Pick<Buffer, "type" | "shape">): number {
  return Math.max(16, Math.ceil(bytesOf(type, shape) / 16) * 16);
}

function gpuBuffers(ort: Ort, device: GpuDevice): BufferKind<GpuBuffer> {
  return {
    make(type, shape) {
      const flags = usage.storage | usage.copySource | usage.copyTarget;
      const memory = device.createBuffer({ size: paddedBytes({ type, shape }), usage: flags });
      const tensor = ort.Tensor.fromGpuBuffer(memory as never, { dataType: type as "float32", dims: shape });
      return { type, shape, memory, tensor };
    },
    end: ({ memory }) => memory.destroy(),
  };
}

/**
 * Tensors in GPU memory. Runs read and write them there; only `write` and `read` transfer.
 *
 * @param check throws an error of the device since the last call.
 */
export function gpuStore(ort: Ort, device: GpuDevice, check: () => void): TensorStore {
  const pool = new BufferPool(gpuBuffers(ort, device));
  const staging = new BufferPool(hostBuffers(ort));
  return {
    pool,
    staging,
    write(type, shape, values) {
      const buffer = pool.allocate(type, shape);
      // WebGPU writes multiples of four bytes.
      const bytes = new Uint8Array(Math.ceil(values.byteLength / 4) * 4);
      bytes.set(new Uint8Array(values.buffer, values.byteOffset, values.byteLength));
      device.queue.writeBuffer(buffer.memory, 0, bytes);
      return buffer;
    },
    async read(buffer) {
      const size = paddedBytes(buffer);
      const copy = device.createBuffer({ size, usage: usage.mapRead | usage.copyTarget });
      try {
        const commands = device.createCommandEncoder();
        commands.copyBufferToBuffer((buffer as GpuBuffer).memory, 0, copy, 0, size);
        device.queue.submit([commands.finish()]);
        await copy.mapAsync(mapModeRead);
        check();
        return viewOf(buffer.type, copy.getMappedRange().slice(0), 0, sizeOf(buffer.shape));
      } finally {
        copy.destroy();
      }
    },
    readNow: () => null,
    release() {
      pool.trim();
      staging.trim();
    },
  };
}

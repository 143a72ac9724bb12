import type { ByteSource } from "../../contracts/dataset.js";
import { shorten } from "../../errors/shorten.js";
import { type ElementArray, type ElementType, elementTypes } from "../element-type.js";
import { torchDirectory } from "./torch-directory.js";
import { countOf, type TensorPlace } from "./torch-objects.js";

/** A tensor that is still in its file. */
export interface TorchTensor {
  readonly dtype: ElementType;
  readonly shape: readonly number[];
  /** Reads the values in row-major order of `axes` (default: the tensor's own) into a new array. */
  read(axes?: readonly number[]): Promise<ElementArray>;
}

/** Copies a strided view that starts at the first value of `source` into row-major order of `axes`. */
function gather(source: ElementArray, { shape, strides }: TensorPlace, axes: readonly number[]): ElementArray {
  // Axes of length 1 do not affect the order.
  const moving = axes.filter((axis) => shape[axis] !== 1);
  const lengths = moving.map((axis) => shape[axis]!);
  const steps = moving.map((axis) => strides[axis]!);
  const total = countOf(lengths);
  if (steps.every((step, axis) => step === countOf(lengths.slice(axis + 1))) && source.length === total) return source;
  const out = new (source.constructor as new (length: number) => ElementArray)(total);
  let next = 0;
  const visit = (axis: number, from: number): void => {
    if (axis === lengths.length) {
      out[next++] = source[from]!;
      return;
    }
    const [length, step] = [lengths[axis]!, steps[axis]!];
    if (axis < lengths.length - 1) for (let i = 0; i < length; i++) visit(axis + 1, from + i * step);
    else for (let i = 0; i < length; i++) out[next++] = source[from + i * step]!;
  };
  if (total > 0) visit(0, 0);
  return out;
}

/**
 * Opens a file of `torch.save` (legacy or zip): all tensors by path. Values are read on demand, and only the part of a storage that a tensor
 * uses. No code is executed: the pickle may only contain dicts, lists, tensors and some plain values.
 *
 * @throws GanymedeError `invalid-data` if the file is truncated or damaged, `unsupported` if it contains anything else.
 */
export async function openTorchFile(source: ByteSource): Promise<ReadonlyMap<string, TorchTensor>> {
  const { places, readStorage } = await torchDirectory(source);
  const tensorAt = (path: string, place: TensorPlace): TorchTensor => {
    const { storage, offset, shape, strides } = place;
    const { bytes, decode } = elementTypes[storage.dtype];
    const reached = shape.includes(0) ? 0 : shape.reduce((sum, length, axis) => sum + (length - 1) * strides[axis]!, 1);
    return {
      dtype: storage.dtype,
      shape,
      async read(axes = shape.map((_, axis) => axis)) {
        // A copy, because the offset of a storage in the file may not be aligned.
        const own = new Uint8Array(await readStorage(storage, offset * bytes, reached * bytes)).buffer;
        return gather(decode(own, `${source.name}: "${shorten(path)}"`), place, axes);
      },
    };
  };
  return new Map([...places].map(([path, place]) => [path, tensorAt(path, place)]));
}

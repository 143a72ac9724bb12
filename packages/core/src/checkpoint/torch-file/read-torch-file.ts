import type { ElementArray } from "../element-type.js";
import { elementTypes } from "../element-type.js";
import { torchDirectory } from "./torch-directory.js";
import type { TensorPlace } from "./torch-objects.js";

export interface TorchTensor {
  readonly shape: readonly number[];
  /** Values in row-major order of the axes as given, or as they are. */
  read(axes?: readonly number[]): ElementArray;
}

/** Copies a strided view into row-major order of `axes`. */
function gather(source: ElementArray, { offset, shape, strides }: TensorPlace, axes: readonly number[]): ElementArray {
  const lengths = axes.map((axis) => shape[axis]!);
  const steps = axes.map((axis) => strides[axis]!);
  const total = lengths.reduce((product, length) => product * length, 1);
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
  if (total > 0) visit(0, offset);
  return out;
}

/**
 * All tensors of a file that `torch.save` wrote (legacy or zip), by path. Reading executes nothing: the pickle inside may only
 * name dicts, lists and tensors.
 *
 * @param who names the file in errors.
 * @throws GanymedeError `invalid-data` when the file is truncated or damaged, `unsupported` when it asks for anything else.
 */
export function readTorchFile(bytes: Uint8Array, who: string): ReadonlyMap<string, TorchTensor> {
  const directory = torchDirectory(bytes, who);
  for (const { storage } of directory.places.values()) directory.storage(storage.key);
  return new Map(
    [...directory.places].map(([path, place]) => [
      path,
      {
        shape: place.shape,
        read(axes = place.shape.map((_, axis) => axis)) {
          // A copy of its own: storages lie at any offset of the file.
          const own = new Uint8Array(directory.storage(place.storage.key)).buffer;
          return gather(elementTypes[place.storage.dtype].decode(own, `${who}: "${path}"`), place, axes);
        },
      },
    ]),
  );
}

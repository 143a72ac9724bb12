import type { ElementArray, NamedArray } from "@ganymede/core";
import { allFinite, GanymedeError, openSafetensors, openTorchFile } from "@ganymede/core";
import { fileSource } from "@ganymede/core/node";
import { exists } from "@ganymede/training/node";

/** An array that is still in its file. */
export interface StoredArray {
  readonly shape: readonly number[];
  read(): Promise<ElementArray>;
}

/**
 * The arrays of a weights file, by name: `.safetensors`, or what `torch.save` wrote. Nothing in the file is executed; one that asks for
 * anything but tensors is refused.
 *
 * @throws GanymedeError `missing-file`, `invalid-data`, `invalid-checkpoint` or `unsupported`.
 */
export async function readWeightsFile(path: string): Promise<ReadonlyMap<string, StoredArray>> {
  if (!(await exists(path))) {
    throw new GanymedeError("missing-file", `${path}: the weights must exist, got no such file; check the path`);
  }
  const source = await fileSource(path);
  return path.endsWith(".safetensors") ? (await openSafetensors(source)).tensors : openTorchFile(source);
}

/**
 * Some arrays as float32, by name.
 *
 * @throws GanymedeError `invalid-checkpoint` naming the first that holds a value that is not finite.
 */
export async function readArrays(
  arrays: ReadonlyMap<string, StoredArray>,
  names: Iterable<string>,
  who: string,
): Promise<ReadonlyMap<string, NamedArray>> {
  const out = new Map<string, NamedArray>();
  for (const name of names) {
    const array = arrays.get(name);
    if (array === undefined) continue;
    const values = await array.read();
    const data = values instanceof Float32Array ? values : new Float32Array(values);
    if (!allFinite(data)) {
      throw new GanymedeError(
        "invalid-checkpoint",
        `${who}: every weight must be finite as a float32, but "${name}" holds others; use weights from before they went wrong`,
      );
    }
    out.set(name, { shape: array.shape, data });
  }
  return out;
}

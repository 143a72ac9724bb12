import { GanymedeError } from "@ganymede/core";
import type { ElementArray } from "@ganymede/core/checkpoint";
import { allFinite, openSafetensors, openTorchFile } from "@ganymede/core/checkpoint";
import { fileSource } from "@ganymede/core/node";
import type { NamedArray } from "@ganymede/core/weights";
import { exists } from "@ganymede/training/node";

/** An array that is still in its file. */
export interface StoredArray {
  readonly shape: readonly number[];
  read(): Promise<ElementArray>;
}

/**
 * Opens a weights file: arrays by name of `.safetensors` or of a file by `torch.save`. Nothing in the file is executed; one that contains
 * anything but tensors is rejected.
 *
 * @throws GanymedeError `missing-file`, `invalid-data`, `invalid-checkpoint` or `unsupported`.
 */
export async function readWeightsFile(path: string): Promise<ReadonlyMap<string, StoredArray>> {
  if (!(await exists(path))) {
    throw new GanymedeError("missing-file", `${path}: the weights file does not exist; check the path`);
  }
  const source = await fileSource(path);
  return path.endsWith(".safetensors") ? (await openSafetensors(source)).tensors : openTorchFile(source);
}

/**
 * Reads some arrays as float32, by name.
 *
 * @throws GanymedeError `invalid-checkpoint` with the first array that has a non-finite value.
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
        `${who}: every weight must be finite as a float32, but some of "${name}" are not; use earlier weights`,
      );
    }
    out.set(name, { shape: array.shape, data });
  }
  return out;
}

import { readFile } from "node:fs/promises";
import type { NamedArray } from "@ganymede/core";
import { decodeSafetensors, GanymedeError, readTorchFile } from "@ganymede/core";
import { exists } from "./files.js";

/**
 * The arrays of a weights file, by name: `.safetensors`, or what `torch.save` wrote. Nothing in the file is executed; one that asks for
 * anything but tensors is refused.
 *
 * @throws GanymedeError `missing-file`, `invalid-data`, `invalid-checkpoint` or `unsupported`.
 */
export async function readWeightsFile(path: string): Promise<ReadonlyMap<string, NamedArray>> {
  if (!(await exists(path))) {
    throw new GanymedeError("missing-file", `${path}: the weights must exist, got no such file; check the path`);
  }
  const bytes = new Uint8Array(await readFile(path));
  const tensors = path.endsWith(".safetensors")
    ? [...decodeSafetensors(bytes, path).tensors].map(([name, { shape, data }]) => [name, { shape, data }] as const)
    : [...readTorchFile(bytes, path)].map(([name, each]) => [name, { shape: each.shape, data: each.read() }] as const);
  return new Map(tensors.map(([name, { shape, data }]) => [name, { shape, data: Float32Array.from(data) }]));
}

/** What a wrapper for several devices puts in front of the arrays of a network. Deeper in a name it is the author's own word. */
const wrapper = /^module\./;

/** The arrays of one network without the wrapper. */
export function unwrapped(tensors: ReadonlyMap<string, NamedArray>): ReadonlyMap<string, NamedArray> {
  return new Map([...tensors].map(([name, array]) => [name.replace(wrapper, ""), array]));
}

/** The arrays under the first of the names that the file has, without it; null where it has none of them. */
export function arraysAt(
  tensors: ReadonlyMap<string, NamedArray>,
  places: readonly string[],
): ReadonlyMap<string, NamedArray> | null {
  for (const place of places) {
    const found = [...tensors].filter(([name]) => name.startsWith(`${place}.`));
    if (found.length > 0)
      return unwrapped(new Map(found.map(([name, array]) => [name.slice(place.length + 1), array])));
  }
  return null;
}

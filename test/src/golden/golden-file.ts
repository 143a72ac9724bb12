import { readFileSync } from "node:fs";
import { basename } from "node:path";
import { GanymedeError } from "@ganymede/core";
import type { CheckpointTensor } from "@ganymede/core/checkpoint";
import { decodeSafetensors } from "@ganymede/core/checkpoint";

/** Gradients of sum(of * cot), or of scale * mean(of), with respect to the tensors `wrt + name`, stored as `prefix + name`. */
export interface GradientGroup {
  readonly prefix: string;
  readonly wrt: string;
  readonly of: string;
  readonly cot?: string;
  readonly scale?: number;
}

/** One file of reference numbers, as its header describes it. */
export interface GoldenFile {
  readonly name: string;
  readonly module: string;
  readonly config: Readonly<Record<string, unknown>>;
  readonly inputs: readonly string[];
  readonly outputs: readonly string[];
  readonly gradients: readonly GradientGroup[];
  readonly ignore: readonly string[];
  readonly forwardTolerance: number;
  readonly gradientTolerance: number;
  readonly tensors: ReadonlyMap<string, CheckpointTensor>;
}

/** Reads a file and its metadata contract. */
export function readGoldenFile(path: string): GoldenFile {
  const name = basename(path);
  const { metadata, tensors } = decodeSafetensors(readFileSync(path), name);
  const text = (entry: string): string => {
    const value = metadata[entry];
    if (value === undefined) {
      throw new GanymedeError(
        "invalid-data",
        `${name}: the header must have "${entry}"; the file is not a golden file`,
      );
    }
    return value;
  };
  const json = <T>(entry: string): T => JSON.parse(text(entry)) as T;
  return {
    name,
    module: text("module"),
    config: json("config"),
    inputs: json("inputs"),
    outputs: json("outputs"),
    gradients: json("gradients"),
    ignore: json("ignore"),
    forwardTolerance: Number(text("rtol_forward")),
    gradientTolerance: Number(text("rtol_grad")),
    tensors,
  };
}

/** A stored tensor. */
export function stored(file: GoldenFile, name: string): CheckpointTensor {
  const tensor = file.tensors.get(name);
  if (tensor === undefined) throw new GanymedeError("invalid-data", `${file.name}: no tensor is called "${name}"`);
  return tensor;
}

/** Stored gradients of a group by name, without those to ignore; a key belongs to its longest prefix. */
export function gradientNames(file: GoldenFile, group: GradientGroup): string[] {
  const others = file.gradients
    .map(({ prefix }) => prefix)
    .filter((prefix) => prefix !== group.prefix && prefix.startsWith(group.prefix));
  return [...file.tensors.keys()]
    .filter((key) => key.startsWith(group.prefix) && !others.some((prefix) => key.startsWith(prefix)))
    .filter((key) => !file.ignore.includes(key))
    .map((key) => key.slice(group.prefix.length));
}

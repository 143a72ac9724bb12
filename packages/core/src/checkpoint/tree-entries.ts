import * as tf from "@tensorflow/tfjs-core";
import { GanymedeError } from "../errors/ganymede-error.js";
import { shorten } from "../errors/shorten.js";
import type { ParamTree } from "../tree/param-tree.js";
import { fillTree, leaves } from "../tree/tree.js";
import { allFinite } from "./all-finite.js";
import type { CheckpointTensor, StoredTensor } from "./decode.js";
import type { ElementArray, ElementType } from "./element-type.js";
import type { CheckpointEntry, PendingEntry } from "./encode.js";

const written = { float32: "F32", int32: "I32", bool: "BOOL" } as const satisfies Partial<
  Record<tf.DataType, CheckpointEntry["dtype"]>
>;

/** Element types of a file that can fill a leaf of each dtype. */
const readable = {
  float32: ["F32", "F16", "BF16", "F64"],
  int32: ["I32", "I64", "U64", "U32", "I16", "U16", "I8", "U8"],
  bool: ["BOOL"],
} as const satisfies Record<keyof typeof written, readonly ElementType[]>;

function supported(dtype: tf.DataType, path: string): keyof typeof written {
  if (!Object.hasOwn(written, dtype)) {
    throw new GanymedeError("unsupported", `checkpoint: leaf "${path}" must be float32, int32 or bool, got ${dtype}`);
  }
  return dtype as keyof typeof written;
}

/** Every leaf with its path (`blocks.0.query.weight`); values are read on demand, so the tree must not be disposed before. */
export function treeEntries(tree: ParamTree): PendingEntry[] {
  return leaves(tree).map(({ path, value }) => ({
    name: path,
    shape: value.shape,
    dtype: written[supported(value.dtype, path)],
    read: async () => (await value.data()) as ElementArray,
  }));
}

/** Reads the values of every leaf, with its path. */
export async function treeToEntries(tree: ParamTree): Promise<CheckpointEntry[]> {
  return Promise.all(treeEntries(tree).map(async ({ read, ...entry }) => ({ ...entry, data: await read() })));
}

type Stored = CheckpointTensor | StoredTensor;

/** The stored tensor of a leaf; throws if the checkpoint and the tree differ. */
function storedFor(leaf: tf.Tensor, path: string, tensor: Stored | undefined, who: string): Stored {
  const fail = (rule: string): GanymedeError =>
    new GanymedeError(
      "invalid-checkpoint",
      `${who}: ${rule}; the checkpoint belongs to another model or configuration, use the one it was made with`,
    );
  if (tensor === undefined) throw fail(`the checkpoint must contain "${path}", got none`);
  if (tensor.shape.join() !== leaf.shape.join()) {
    throw fail(`"${path}" must have shape [${leaf.shape.join(", ")}], got [${tensor.shape.join(", ")}]`);
  }
  const types: readonly ElementType[] = readable[supported(leaf.dtype, path)];
  if (!types.includes(tensor.dtype)) throw fail(`"${path}" must be ${types.join(" or ")}, got ${tensor.dtype}`);
  return tensor;
}

/** A tensor like the leaf, with the stored values. */
async function readLeaf(leaf: tf.Tensor, path: string, stored: Stored, who: string): Promise<tf.Tensor> {
  // A tensor keeps the array that it is created from, so the caller's array is copied.
  const data = "data" in stored ? stored.data.slice() : await stored.read();
  const type = leaf.dtype === "float32" ? Float32Array : leaf.dtype === "int32" ? Int32Array : Uint8Array;
  const fitting = data instanceof type ? data : new type(data);
  // After the conversion, because a float64 may overflow a float32.
  if (!allFinite(fitting)) {
    throw new GanymedeError(
      "invalid-checkpoint",
      `${who}: every value must be finite as a float32, but some of "${path}" are not; use an earlier checkpoint`,
    );
  }
  return tf.tensor(fitting as Float32Array, leaf.shape, leaf.dtype);
}

/**
 * A tree with the structure, shapes and types of the template and the values of a checkpoint, read leaf by leaf; the caller owns it.
 * If any leaf differs or reading fails, no tensor is left.
 *
 * @param who name of the file in errors.
 * @throws GanymedeError `invalid-checkpoint` with the first leaf that is missing, unexpected, of another shape or type, or not finite.
 */
export async function loadTree<Tree extends ParamTree>(
  template: Tree,
  tensors: ReadonlyMap<string, Stored>,
  who: string,
): Promise<Tree> {
  const expected = leaves(template);
  const stored = expected.map(({ path, value }) => storedFor(value, path, tensors.get(path), who));
  const known = new Set(expected.map(({ path }) => path));
  for (const name of tensors.keys()) {
    if (known.has(name)) continue;
    throw new GanymedeError(
      "invalid-checkpoint",
      `${who}: the model has no "${shorten(name)}", which is in the checkpoint; use the model or configuration it was made with`,
    );
  }
  const made: tf.Tensor[] = [];
  try {
    for (const [i, { path, value }] of expected.entries()) {
      made.push(await readLeaf(value, path, stored[i] as Stored, who));
    }
  } catch (error) {
    tf.dispose(made);
    throw error;
  }
  return fillTree(template, made);
}

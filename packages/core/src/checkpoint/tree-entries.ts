import * as tf from "@tensorflow/tfjs-core";
import { GanymedeError } from "../errors/ganymede-error.js";
import type { ParamTree } from "../tree/param-tree.js";
import { fillTree, leaves } from "../tree/tree.js";
import type { CheckpointTensor } from "./decode.js";
import type { ElementArray, ElementType } from "./element-type.js";
import type { CheckpointEntry } from "./encode.js";

const written = { float32: "F32", int32: "I32", bool: "BOOL" } as const satisfies Partial<
  Record<tf.DataType, CheckpointEntry["dtype"]>
>;

/** Which types of a file may fill a leaf. */
const readable = {
  float32: ["F32", "F16", "BF16", "F64"],
  int32: ["I32", "I64", "U8"],
  bool: ["BOOL"],
} as const satisfies Record<keyof typeof written, readonly ElementType[]>;

function supported(dtype: tf.DataType, path: string): keyof typeof written {
  if (!Object.hasOwn(written, dtype)) {
    throw new GanymedeError("unsupported", `checkpoint: leaf "${path}" must be float32, int32 or bool, got ${dtype}`);
  }
  return dtype as keyof typeof written;
}

/** Reads the values of every leaf, named by its path (`blocks.0.query.weight`). */
export async function treeToEntries(tree: ParamTree): Promise<CheckpointEntry[]> {
  return Promise.all(
    leaves(tree).map(async ({ path, value }): Promise<CheckpointEntry> => {
      const dtype = written[supported(value.dtype, path)];
      return { name: path, shape: value.shape, dtype, data: (await value.data()) as ElementArray };
    }),
  );
}

/** The values of one leaf, or an error that says how the checkpoint and the tree differ. */
function valuesFor(leaf: tf.Tensor, path: string, tensor: CheckpointTensor | undefined, who: string): ElementArray {
  const fail = (rule: string): GanymedeError =>
    new GanymedeError(
      "invalid-checkpoint",
      `${who}: ${rule}; the checkpoint is of another model or configuration, give the one it was made with`,
    );
  if (tensor === undefined) throw fail(`the checkpoint must hold "${path}", got none`);
  if (tensor.shape.join() !== leaf.shape.join()) {
    throw fail(`"${path}" must have shape [${leaf.shape.join(", ")}], got [${tensor.shape.join(", ")}]`);
  }
  const types: readonly ElementType[] = readable[supported(leaf.dtype, path)];
  if (!types.includes(tensor.dtype)) throw fail(`"${path}" must be ${types.join(" or ")}, got ${tensor.dtype}`);
  return tensor.data;
}

/**
 * A tree of the template's structure, shapes and types with the values of a checkpoint; the caller owns it. Nothing is made
 * when any leaf differs.
 *
 * @param who names the file in errors.
 * @throws GanymedeError `invalid-checkpoint` naming the first leaf that is missing, unexpected or of another shape or type.
 */
export function loadTree<Tree extends ParamTree>(
  template: Tree,
  tensors: ReadonlyMap<string, CheckpointTensor>,
  who: string,
): Tree {
  const expected = leaves(template);
  const values = expected.map(({ path, value }) => valuesFor(value, path, tensors.get(path), who));
  const known = new Set(expected.map(({ path }) => path));
  for (const name of tensors.keys()) {
    if (known.has(name)) continue;
    throw new GanymedeError(
      "invalid-checkpoint",
      `${who}: the checkpoint holds "${name}", which the model has not; give the model or configuration it was made with`,
    );
  }
  return fillTree(
    template,
    expected.map(({ value }, i) => {
      const data = values[i] as ElementArray;
      const fitting =
        value.dtype === "float32" ? Float32Array.from(data) : value.dtype === "int32" ? Int32Array.from(data) : data;
      return tf.tensor(fitting as Float32Array, value.shape, value.dtype);
    }),
  );
}

import type { Key, ParamTree } from "@ganymede/core";
import { disposeTree, fold } from "@ganymede/core";
import type { StoredTensor } from "@ganymede/core/checkpoint";
import { loadTree } from "@ganymede/core/checkpoint";
import type { TrainState, TrainStep } from "../run/step-adapter.js";

/** The tensors of a checkpoint, and its file. */
export interface CheckpointTensors {
  readonly tensors: ReadonlyMap<string, StoredTensor>;
  readonly file: string;
}

/**
 * Restores parts of the state from a checkpoint; nothing else is loaded. The caller disposes them.
 *
 * @throws GanymedeError `invalid-checkpoint` if the checkpoint belongs to another model.
 */
export async function restoreState<Name extends keyof TrainState>(
  train: TrainStep<ParamTree, ParamTree>,
  names: readonly Name[],
  key: Key,
  { tensors, file }: CheckpointTensors,
): Promise<Pick<TrainState, Name>> {
  const fresh = train.init(fold(key, "init"));
  const wanted = new Map([...tensors].filter(([path]) => names.some((name) => path.startsWith(`${name}.`))));
  const parts = Object.fromEntries(names.map((name) => [name, fresh[name]])) as Pick<TrainState, Name>;
  try {
    return await loadTree(parts, wanted, file);
  } finally {
    disposeTree(fresh);
  }
}

import type { Key } from "@ganymede/core";
import { fillDraw, fold, GanymedeError, permutation } from "@ganymede/core";

/** Indices of the images of one step: a pure function of the step. */
export type BatchOrder = (step: number, batch: number) => Uint32Array;

/**
 * The seeded order of training: images are shown in the permutation of epoch 0, then of epoch 1, and so on, the permutation
 * of epoch e being drawn from `fold(key, e)`. Step s takes the places s * batch to (s + 1) * batch - 1 of that endless list,
 * so a batch may cross into the next epoch, every image is shown once an epoch, and a resumed run goes on exactly.
 *
 * @throws GanymedeError `invalid-argument` for an empty dataset.
 */
export function batchOrder(key: Key, length: number): BatchOrder {
  if (!Number.isInteger(length) || length < 1) {
    throw new GanymedeError("invalid-argument", `batchOrder: a dataset must have at least one image, got ${length}`);
  }
  // A batch touches one or two neighbouring epochs; keeping those saves drawing 60,000 numbers a step.
  const kept = new Map<number, Uint32Array>();
  const epochOrder = (epoch: number): Uint32Array => {
    let order = kept.get(epoch);
    if (order === undefined) {
      order = permutation(fold(key, epoch), length);
      for (const old of kept.keys()) if (old < epoch - 1 || old > epoch + 1) kept.delete(old);
      kept.set(epoch, order);
    }
    return order;
  };
  return (step, batch) => {
    if (!Number.isInteger(step) || step < 0 || !Number.isInteger(batch) || batch < 1) {
      throw new GanymedeError(
        "invalid-argument",
        `batchOrder: step must be at least 0 and batch at least 1, both whole, got ${step} and ${batch}`,
      );
    }
    const indices = new Uint32Array(batch);
    for (let k = 0; k < batch; k++) {
      const place = step * batch + k;
      const epoch = Math.floor(place / length);
      indices[k] = epochOrder(epoch)[place - epoch * length] as number;
    }
    return indices;
  };
}

/** The indices of one step; see {@link batchOrder}, which is faster for many steps. */
export function batchIndices(key: Key, step: number, batch: number, length: number): Uint32Array {
  return batchOrder(key, length)(step, batch);
}

/** For each image of a step, 1 when it is mirrored, else 0: fair coins from `fold(key, step)`. */
export function mirrorFlips(key: Key, step: number, batch: number): Int32Array {
  const flips = new Int32Array(batch);
  fillDraw(flips, { kind: "integers", low: 0, high: 2 }, fold(key, step));
  return flips;
}

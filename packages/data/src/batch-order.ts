import type { Key } from "@ganymede/core";
import { fillDraw, fold, GanymedeError, permutation } from "@ganymede/core";

/** Indices of the images of a step: a pure function of the step. */
export type BatchOrder = (step: number, batch: number) => Uint32Array;

/**
 * The seeded order of training: images follow the permutation of epoch 0, then of epoch 1, and so on, where the permutation
 * of epoch e is drawn from `fold(key, e)`. Step s takes positions s * batch to (s + 1) * batch - 1 of this endless sequence,
 * so a batch may span two epochs, every image occurs once per epoch, and a resumed run continues exactly.
 *
 * @throws GanymedeError `invalid-argument` for an empty dataset.
 */
export function batchOrder(key: Key, length: number): BatchOrder {
  if (!Number.isInteger(length) || length < 1) {
    throw new GanymedeError("invalid-argument", `batchOrder: a dataset must have at least one image, got ${length}`);
  }
  // A batch spans at most a few neighbouring epochs; caching them saves drawing 60,000 numbers per step.
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
        `batchOrder: step must be at least 0 and batch at least 1, both integers, got ${step} and ${batch}`,
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

/** Indices of one step; for many steps use {@link batchOrder}, which is faster. */
export function batchIndices(key: Key, step: number, batch: number, length: number): Uint32Array {
  return batchOrder(key, length)(step, batch);
}

/** 1 for each image of a step that is flipped, else 0: fair coins from `fold(key, step)`. */
export function mirrorFlips(key: Key, step: number, batch: number): Int32Array {
  const flips = new Int32Array(batch);
  fillDraw(flips, { kind: "integers", low: 0, high: 2 }, fold(key, step));
  return flips;
}

import type { Key, LabelledImages, ParamTree } from "@ganymede/core";
import { compile, disposeExcept, disposeTree, fold, GanymedeError } from "@ganymede/core";
import type { NetworkUpdate, Updated } from "./network-update.js";
import type { Part } from "./pass.js";
import type { RealImages } from "./real-images.js";
import { labelled } from "./real-images.js";
import type { Block } from "./sum-parts.js";
import { addTrees, divideTree, partKey, sumBlocks } from "./sum-parts.js";
import type { NetworkName, Report, StepResult, TrainState } from "./train-state.js";
import type { TrainStep } from "./train-step.js";

/**
 * Runs one step. `state` stays valid; the result shares the leaves that did not change with it.
 *
 * @param real returns the real images of one part of one update, counted in their order in the batch of `train.step`; called only for
 *   parts that this process computes, and borrowed during the call.
 * @param step steps taken before this one.
 */
export type Iterate = (
  state: TrainState,
  real: (part: number) => RealImages,
  key: Key,
  step: number,
) => Promise<StepResult<TrainState>>;

/** Sums of gradients as exchanged between processes. */
export type PartBlock = Block<Part>;

/**
 * One of several processes that share the parts of every update: process `index` of `count` computes the parts from
 * `index * accumulation / count` on. The result of a step does not depend on `count`.
 */
export interface SharedUpdate {
  readonly index: number;
  readonly count: number;
  /**
   * Returns the blocks of all processes in order, including `own`; takes ownership of `own`, and the caller owns the result.
   * Every process calls it once per update.
   */
  gather(own: readonly PartBlock[], network: NetworkName): Promise<readonly PartBlock[]>;
}

type UpdateArguments = readonly [
  state: TrainState,
  real: ((part: number) => LabelledImages) | null,
  key: Key,
  phase: string,
];

/** One update of a network: plain, accumulated or shared. */
interface RunUpdate {
  (...args: UpdateArguments): Promise<Updated>;
  /** Compiles an update with such arguments ahead; absent where it is several functions. */
  prepare?(...args: UpdateArguments): Promise<void>;
}

const alone: Pick<SharedUpdate, "index" | "count"> = { index: 0, count: 1 };

function updateInParts(
  update: NetworkUpdate,
  { training }: TrainStep<ParamTree, ParamTree>["parts"],
  shared?: SharedUpdate,
): RunUpdate {
  const { accumulation: count, precision } = training;
  // The first argument is the state, which includes the weights.
  const options = { precision, weights: [0] };
  const gradients = compile(
    (state: TrainState, real: LabelledImages | null, key: Key, phase: string) =>
      update.gradients(state, real, key, phase),
    options,
  );
  const add = compile((a: Part, b: Part): Part => addTrees(a, b));
  const finish = compile((state: TrainState, sum: Part) => update.finish(state, divideTree(sum, count)) as never);
  const { index, count: processes } = shared ?? alone;
  const own = count / processes;
  return async (state, real, key, phase) => {
    let blocks: readonly PartBlock[] = [];
    const addFreed = async (a: Part, b: Part): Promise<Part> => {
      const sum = await add(a, b);
      disposeTree(a);
      disposeTree(b);
      return sum;
    };
    try {
      for (let part = index * own; part < (index + 1) * own; part++) {
        const at = partKey(fold(key, update.network), part, count);
        const images = real === null ? null : real(part);
        const sum: Part = await gradients(update.reads.gradients(state), images, at, phase);
        blocks = [...blocks, { first: part, count: 1, sum }];
        blocks = await sumBlocks(blocks, addFreed, false);
      }
      if (shared !== undefined) blocks = await shared.gather(blocks, update.network);
      blocks = await sumBlocks(blocks, addFreed, true);
      const done: Updated = await finish(update.reads.finish(state), (blocks[0] as PartBlock).sum);
      for (const { sum } of blocks) disposeExcept(sum, done as never, state);
      return done;
    } catch (error) {
      for (const { sum } of blocks) disposeExcept(sum, state);
      throw error;
    }
  };
}

/** An update with one part, as one graph. */
function updateAtOnce(update: NetworkUpdate, { training }: TrainStep<ParamTree, ParamTree>["parts"]): RunUpdate {
  const run = compile(
    (state: TrainState, real: LabelledImages | null, key: Key, phase: string) =>
      update.update(state, real, key, phase) as never,
    { precision: training.precision, weights: [0] },
  );
  const reads = (state: TrainState) => ({ ...update.reads.gradients(state), ...update.reads.finish(state) });
  const argumentsOf = (...[state, real, key, phase]: UpdateArguments) =>
    [reads(state), real === null ? null : real(0), key, phase] as const;
  return Object.assign((...args: UpdateArguments) => run(...argumentsOf(...args)), {
    prepare: async (...args: UpdateArguments) => run.prepare(...argumentsOf(...args)),
  });
}

/**
 * `train.step` as several graphs, which need less memory than one: one per update, or, with accumulated gradients, one per part
 * of a batch, one for sums and one that finishes an update.
 *
 * @param shared splits the parts of an update over several processes. Default: this process computes all.
 * @throws GanymedeError `invalid-config` if the parts cannot be divided evenly.
 */
export function createIteration(train: TrainStep<ParamTree, ParamTree>, shared?: SharedUpdate): Iterate {
  const { parts } = train;
  const { discriminatorSteps, accumulation, generatorReal } = parts.training;
  if (shared !== undefined && accumulation % shared.count !== 0) {
    throw new GanymedeError(
      "invalid-config",
      `training: accumulation must be a multiple of the number of processes, got ${accumulation} parts and ${shared.count} processes; change one of them`,
    );
  }
  const runOf = (update: NetworkUpdate): RunUpdate =>
    accumulation === 1 && shared === undefined ? updateAtOnce(update, parts) : updateInParts(update, parts, shared);
  const run = { discriminator: runOf(train.updates.discriminator), generator: runOf(train.updates.generator) };
  let isFirst = true;
  return async (state, real, key, step) => {
    const images = (updateIndex: number) => (part: number) =>
      labelled(real(updateIndex * accumulation + part), parts.model.classes);
    let current = state;
    let report: Report = {};
    // Frees nothing of the state until everything is done: a step that fails leaves it intact.
    const take = (next: Updated) => {
      const before = { current, report };
      current = { ...current, ...next.state };
      report = { ...report, ...next.report };
      // What an update replaces for the first time belongs to the caller; searching all leaves for it would take as long as the update itself.
      const names = Object.keys(next.state) as (keyof TrainState)[];
      const own = names.map((name) => before.current[name]).filter((part, i) => part !== state[names[i]!]);
      if (own.length > 0) disposeExcept(own, current, state);
      disposeExcept(before.report, report);
    };
    const phases = train.phases(step);
    const last = generatorReal === "own" ? discriminatorSteps : discriminatorSteps - 1;
    const seen = parts.generatorSeesReal ? images(last) : null;
    let prepared: Promise<void> | undefined;
    try {
      for (let index = 0; index < discriminatorSteps; index++) {
        const at = partKey(key, index, discriminatorSteps);
        const args = [current, images(index), at, phases.discriminator] as const;
        if (isFirst) await run.discriminator.prepare?.(...args);
        const update = run.discriminator(...args);
        // The generator's update is compiled while the discriminator's first one computes; if that fails, its own call says why.
        if (isFirst) prepared = run.generator.prepare?.(state, seen, key, phases.generator).catch(() => undefined);
        isFirst = false;
        take(await update);
      }
      take(await run.generator(current, seen, key, phases.generator));
      return { state: current, report };
    } catch (error) {
      await prepared;
      disposeExcept(current, state);
      disposeTree(report);
      throw error;
    }
  };
}

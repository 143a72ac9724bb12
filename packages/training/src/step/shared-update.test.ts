import * as tf from "@tensorflow/tfjs-core";
import "@tensorflow/tfjs-backend-cpu";
import { disposeTree, key, leaves, mapLeaves } from "@ganymede/core";
import { beforeAll, describe, expect, test } from "vitest";
import { fullGame, ordinary, piecesOf, values } from "../fixtures/full-game.js";
import { linearGameTraining } from "../fixtures/linear-game.js";
import type { PartBlock } from "./iteration.js";
import { createIteration } from "./iteration.js";
import { meanOfParts, sumBlocks } from "./sum-parts.js";
import { createTrainStep } from "./train-step.js";

beforeAll(() => tf.setBackend("cpu"));

/** Processes that wait for each other's blocks. */
function togetherOf(count: number) {
  let waiting: {
    readonly blocks: readonly PartBlock[];
    readonly index: number;
    take(all: readonly PartBlock[]): void;
  }[] = [];
  const copy = ({ sum, ...rest }: PartBlock): PartBlock => ({ ...rest, sum: mapLeaves(sum, (leaf) => tf.clone(leaf)) });
  return (index: number) => ({
    index,
    count,
    gather: (blocks: readonly PartBlock[]) =>
      new Promise<readonly PartBlock[]>((take) => {
        waiting.push({ blocks, index, take });
        if (waiting.length < count) return;
        const all = [...waiting].sort((a, b) => a.index - b.index).flatMap((each) => each.blocks);
        for (const each of waiting) each.take(all.map(copy));
        for (const { sum } of all) disposeTree(sum);
        waiting = [];
      }),
  });
}

describe("processes that share the parts of an update", () => {
  test.each([
    [4, 2],
    [4, 4],
    [6, 2],
    [6, 3],
    [3, 3],
  ])("%i parts over %i processes give the bits of one process", async (accumulation, count) => {
    const train = createTrainStep(fullGame, { ...linearGameTraining, ...ordinary, accumulation });
    const state = train.init(key(2));
    const { pieces } = piecesOf(train);
    const join = togetherOf(count);
    const run = (shared?: ReturnType<typeof join>) =>
      createIteration(train as never, shared)(state, (index) => pieces[index]!, key(3), 0);
    const before = tf.memory().numTensors;
    const several = await Promise.all(Array.from({ length: count }, (_, index) => run(join(index))));
    const made = several.map(({ state: next, report }) => {
      const fresh = new Set([...leaves(next), ...leaves(report)].map(({ value }) => value));
      for (const { value } of leaves(state)) fresh.delete(value);
      return fresh.size;
    });
    expect(tf.memory().numTensors - before).toBe(made.reduce((sum, size) => sum + size, 0));
    const alone = await run();
    for (const { state: next, report } of several) {
      expect(values(next)).toEqual(values(alone.state));
      expect(Object.keys(report)).toEqual(Object.keys(alone.report));
    }
  });

  test("a number of parts that cannot be shared out is refused", () => {
    const train = createTrainStep(fullGame, { ...linearGameTraining, accumulation: 3 });
    expect(() => createIteration(train as never, togetherOf(2)(0))).toThrow(
      /accumulation must be a multiple of the number of processes, got 3 parts and 2 processes/,
    );
  });
});

test("parts of a batch give the mean of their gradients, reports, memories and statistics", () => {
  const found = [1, 2, 6].map((value) => ({ grads: { w: tf.scalar(value) }, report: { loss: tf.scalar(2 * value) } }));
  const mean = meanOfParts(3, (index) => found[index]!);
  expect([mean.grads.w, mean.report.loss].map((tensor) => tensor.dataSync()[0])).toEqual([3, 6]);
});

test("sums are made in the order of a tree over all parts, wherever they are cut", async () => {
  const add = (a: string, b: string) => `(${a} ${b})`;
  const blocks = Array.from({ length: 7 }, (_, first) => ({ first, count: 1, sum: String(first) }));
  const [whole] = await sumBlocks(blocks, add, true);
  expect(whole!.sum).toBe("(((0 1) (2 3)) ((4 5) 6))");
  for (let cut = 1; cut < 7; cut++) {
    const sides = [blocks.slice(0, cut), blocks.slice(cut)].map((side) => sumBlocks(side, add, false));
    const [again] = await sumBlocks((await Promise.all(sides)).flat(), add, true);
    expect(again).toEqual(whole);
  }
});

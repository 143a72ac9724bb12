import type { Optimizer, OptimizerComponent, ParamTree, ScheduleComponent } from "@ganymede/core";
import { leaves, mapLeaves } from "@ganymede/core";
import type { Settings } from "@ganymede/core/testing";
import { calmly, conformingPart, demand, expectAllClose, expectNoLeaks, fail, purely } from "@ganymede/core/testing";
import * as tf from "@tensorflow/tfjs-core";
import { schedules as ownSchedules, scheduleResolver } from "../optim/create-schedule.js";
import { progressAt } from "./check-schedule.js";

/** Settings and length of an optimizer's check. */
export interface OptimizerCheck {
  /** Default: the component's defaults. */
  readonly settings?: Settings;
  /** Schedules that its settings may name, in addition to those of this package. Default: none. */
  readonly schedules?: readonly ScheduleComponent[];
  /** Updates on the quadratic. Default: 50. */
  readonly steps?: number;
}

/** Shapes and types of a tree's leaves, by path. */
export const outlineOf = (tree: ParamTree): string =>
  leaves(tree)
    .map(({ path, value }) => `${path} ${value.dtype} [${value.shape}]`)
    .join(", ");

const exact = { relative: 0, absolute: 0 };

/** Asserts that two trees hold the same numbers, bit for bit. */
export async function expectSame(ours: ParamTree, theirs: ParamTree, who: string): Promise<void> {
  const others = leaves(theirs);
  for (const [index, { path, value }] of leaves(ours).entries()) {
    await expectAllClose(value, (others[index] as { value: tf.Tensor }).value, exact, `${who}: ${path || "the leaf"}`);
  }
}

const start = () => ({
  bias: tf.tensor1d([3, -2, 0.5]),
  layers: [
    {
      weight: tf.tensor2d([
        [1, -1],
        [2, 0.1],
      ]),
    },
    tf.scalar(4),
  ],
});

/** sum of curvature * w^2 / 2 over all leaves, and its gradient. Curvatures of the leaves are 1, 2 and 3. */
const gradientsOf = <Tree extends ParamTree>(params: Tree): Tree => {
  let curvature = 0;
  return mapLeaves(params, (leaf) => tf.mul(leaf, ++curvature));
};

async function quadratic(params: ParamTree): Promise<number> {
  const products = leaves(gradientsOf(params)).map(({ value }, i) =>
    tf.sum(tf.mul(value, (leaves(params)[i] as { value: tf.Tensor }).value)),
  );
  return (await tf.addN(products).data())[0] as number;
}

/** A plain loop of updates, each run as in a compiled step; checks that structures do not change. */
async function descend(optimizer: Optimizer, steps: number, who: string): Promise<ParamTree> {
  let params: ParamTree = start();
  let state = optimizer.init(params);
  const [ofParams, ofState] = [outlineOf(params), outlineOf(state)];
  for (let step = 0; step < steps; step++) {
    const update = () => optimizer.update(gradientsOf(params), state, params, progressAt(step));
    const next = await calmly(() => purely(update, who), who, "update");
    const freed = [params, state].some((tree) => leaves(tree).some(({ value }) => value.isDisposed));
    demand(!freed, who, "update must not free its arguments");
    const got = [outlineOf(next.params), outlineOf(next.state)] as const;
    if (got[0] !== ofParams) fail(who, `update must keep the leaves of the parameters, got ${got[0]} of ${ofParams}`);
    if (got[1] !== ofState) fail(who, `update must keep the leaves of the state, got ${got[1]} of ${ofState}`);
    ({ params, state } = next);
  }
  return params;
}

async function expectFinite(tree: ParamTree, who: string, when: string): Promise<void> {
  for (const { path, value } of leaves(tree)) {
    demand((await value.data()).every(Number.isFinite), who, `${path} must be finite ${when}`);
  }
}

/**
 * Checks an optimizer: it minimises a quadratic in a plain loop, keeps paths, shapes and types of parameters and state, is a pure function
 * of its arguments (no draws, reads, hidden state or in-place changes), stays finite for zero gradients, and leaks no tensor.
 *
 * @throws GanymedeError `nonconforming` with the optimizer and the first rule that it violates.
 */
export async function checkOptimizer(
  component: OptimizerComponent,
  { settings = {}, schedules = [], steps = 50 }: OptimizerCheck = {},
): Promise<void> {
  const who = `optimizer "${component.id}"`;
  const part = conformingPart(component, settings, who);
  const optimizer = part.create({ schedule: scheduleResolver([...ownSchedules, ...schedules]) }) as Optimizer;
  const before = await quadratic(start());
  const after = await quadratic(await descend(optimizer, steps, who));
  demand(after < before, who, `${steps} updates must reduce a quadratic from ${before}, got ${after}`);

  const params = start();
  const grads = gradientsOf(params);
  const state = optimizer.init(params);
  const update = (step: number) => optimizer.update(grads, state, params, progressAt(step));
  const [first, , second] = [update(3), update(900), update(3)];
  const rule = "update must be a pure function of gradients, state, parameters and progress";
  await expectSame(first.params, second.params, `${who}: ${rule}`);
  await expectSame(first.state, second.state, `${who}: ${rule}`);
  await expectSame(params, start(), `${who}: update must not change its parameters in place`);

  const still = optimizer.update(mapLeaves(params, tf.zerosLike), state, params, progressAt(0));
  await expectFinite(still.params, who, "where gradients are zero");
  await expectFinite(still.state, who, "where gradients are zero");
  const progress = progressAt(1);
  await expectNoLeaks(() => {
    tf.tidy(() => void optimizer.update(grads, optimizer.init(params), params, progress));
  }, who);
}

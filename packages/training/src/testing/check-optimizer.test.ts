import "@tensorflow/tfjs-backend-cpu";
import type { Optimizer, ParamTree, Schedule, ScheduleInputs } from "@ganymede/core";
import { mapLeaves } from "@ganymede/core";
import * as tf from "@tensorflow/tfjs-core";
import { beforeAll, describe, expect, test } from "vitest";
import { checkOptimizer, checkSchedule } from "./index.js";

beforeAll(() => tf.setBackend("cpu"));

/** A component of no settings. */
const component = <Made>(create: (inputs: ScheduleInputs) => Made) => ({
  id: "mine",
  source: "none",
  defaults: {},
  create: (_: never, inputs: ScheduleInputs) => create(inputs),
});

describe("checkOptimizer", () => {
  const good: Optimizer = {
    init: (params) => ({ velocity: mapLeaves(params, tf.zerosLike) }),
    update(grads, state, params) {
      const { velocity } = state as { velocity: ParamTree };
      const next = mapLeaves(velocity, (v, _, g) => tf.add(tf.mul(v, 0.5), g as tf.Tensor), grads);
      const moved = mapLeaves(params, (p, _, v) => tf.sub(p, tf.mul(v as tf.Tensor, 0.05)), next);
      return { params: moved, state: { velocity: next } };
    },
  };
  const { update } = good;
  const check = (changes: Partial<Optimizer>) => checkOptimizer(component(() => ({ ...good, ...changes })));
  const changed = <Tree extends ParamTree>(tree: Tree, fn: (leaf: tf.Tensor) => tf.Tensor) => mapLeaves(tree, fn);

  test("a right optimizer conforms", () => check({}));

  let calls = 0;
  test.each<[string, Partial<Optimizer>, RegExp]>([
    ["climbs", { update: (g, s, p, at) => update(changed(g, tf.neg), s, p, at) }, /must reduce a quadratic from/],
    [
      "makes vectors of scalars",
      { update: (g, s, p, at) => ({ ...update(g, s, p, at), params: changed(p, (leaf) => tf.reshape(leaf, [-1])) }) },
      /must keep the leaves of the parameters/,
    ],
    [
      "grows its state",
      { update: (g, s, p, at) => ({ ...update(g, s, p, at), state: { velocity: g, more: tf.scalar(1) } }) },
      /must keep the leaves of the state, got .*more/,
    ],
    [
      "reads values",
      {
        update: (g, s, p, at) =>
          update(
            changed(g, (leaf) => tf.tensor(leaf.dataSync(), leaf.shape)),
            s,
            p,
            at,
          ),
      },
      /must not read values/,
    ],
    [
      "draws noise",
      {
        update: (g, s, p, at) =>
          update(
            changed(g, (leaf) => tf.add(leaf, tf.randomNormal(leaf.shape))),
            s,
            p,
            at,
          ),
      },
      /must draw from the context's key/,
    ],
    [
      "counts its calls",
      {
        update: (g, s, p, at) =>
          update(
            changed(g, (leaf) => tf.div(leaf, ++calls)),
            s,
            p,
            at,
          ),
      },
      /must be a pure function of gradients, state, parameters and progress/,
    ],
    [
      "divides by the size of gradients",
      {
        update: (g, s, p, at) =>
          update(
            changed(g, (leaf) => tf.div(leaf, tf.norm(leaf))),
            s,
            p,
            at,
          ),
      },
      /must be finite where gradients are zero/,
    ],
    [
      "leaks",
      {
        update(g, s, p, at) {
          tf.keep(tf.scalar(1));
          return update(g, s, p, at);
        },
      },
      /it must not leak tensors,/,
    ],
    [
      "frees what it is given",
      {
        update(g, s, p, at) {
          const next = update(g, s, p, at);
          changed(p, (leaf) => {
            leaf.dispose();
            return leaf;
          });
          return next;
        },
      },
      /update must not free its arguments/,
    ],
  ])("one that %s does not", async (_, changes, message) => {
    await expect(check(changes)).rejects.toThrow(message);
  });
});

describe("checkSchedule", () => {
  const good: Schedule = { at: ({ step }) => tf.div(1, tf.add(step, 1)) as tf.Scalar, ends: [0, 1] };
  const check = (changes: Partial<Schedule>) => checkSchedule(component(() => ({ ...good, ...changes })));

  test("a right schedule conforms", () => check({}));

  let calls = 0;
  test.each<[string, Partial<Schedule>, RegExp]>([
    ["has no ends", { ends: [] }, /its ends must be finite numbers, got \[\]/],
    ["has an open end", { ends: [0, Number.POSITIVE_INFINITY] }, /its ends must be finite numbers/],
    ["leaves its ends", { ends: [0.5, 1] }, /must lie between its ends 0.5 and 1, got 0.3\d+ at step 2/],
    ["divides by zero", { at: ({ step }) => tf.div(1, step) as tf.Scalar }, /must be finite, got Infinity at step 0/],
    ["gives a vector", { at: () => tf.ones([2]) as unknown as tf.Scalar }, /a number or a scalar, got shape \[2\]/],
    ["counts its calls", { at: () => 1 / ++calls }, /must depend on the progress alone/],
    ["reads the step", { at: ({ step }) => 1 / (1 + (step.dataSync()[0] as number)) }, /must not read values/],
    ["draws", { at: () => Math.random() }, /must draw from the context's key/],
    ["leaks", { at: () => tf.keep(tf.scalar(1)) }, /it must not leak tensors,/],
  ])("one that %s does not", async (_, changes, message) => {
    await expect(check(changes)).rejects.toThrow(message);
  });
});

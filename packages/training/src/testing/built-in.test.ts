import "@tensorflow/tfjs-backend-cpu";
import type { AdversarialModel } from "@ganymede/core";
import { checkLogger, checkLoss } from "@ganymede/core/testing";
import * as tf from "@tensorflow/tfjs-core";
import { beforeAll, describe, expect, test } from "vitest";
import { fieldsOf, recordsOf } from "../fixtures/event-reader.js";
import { linearGame } from "../fixtures/linear-game.js";
import { trainingPlugin } from "../plugin.js";
import {
  checkAugmentation,
  checkDiscriminatorTerm,
  checkGeneratorTerm,
  checkOptimizer,
  checkSchedule,
} from "./index.js";

beforeAll(() => tf.setBackend("cpu"));

const plugin = trainingPlugin();
const linear = linearGame as unknown as AdversarialModel;

/** Every component of a kind beside what its check needs to be told. */
const each = <C extends { readonly id: string }, Check>(
  list: readonly C[] | undefined,
  checks: Record<string, Check> = {},
) => {
  const ids = (list ?? []).map(({ id }) => id);
  expect(ids).toEqual(expect.arrayContaining(Object.keys(checks)));
  return (list ?? []).map((component) => [component.id, component, checks[component.id]] as const);
};

describe("every part of this package conforms", () => {
  test.each(each(plugin.losses))("loss %s", (_, component) => checkLoss(component));
  test.each(
    each(plugin.discriminatorTerms, {
      orthogonal: { model: linear, settings: { weight: 0.1 } },
      "le-cam": { settings: { weight: 1 } },
    }),
  )("discriminator term %s", (_, component, check) => checkDiscriminatorTerm(component, check));
  test.each(each(plugin.generatorTerms, { orthogonal: { model: linear, settings: { weight: 0.1 } } }))(
    "generator term %s",
    (_, component, check) => checkGeneratorTerm(component, check),
  );
  test.each(
    each(plugin.augmentations, {
      // Its filters are slow on this engine.
      ada: {
        side: 4,
        order: 1 as const,
        settings: { images: 200, every: 1, chances: { filter: 1, noise: 1, cutout: 1 } },
      },
    }),
  )("augmentation %s", (_, component, check) => checkAugmentation(component, check));
  test.each(
    each(plugin.optimizers, { adam: { settings: { learningRate: { id: "linear", from: 0.1, to: 0, steps: 60 } } } }),
  )("optimizer %s", (_, component, check) => checkOptimizer(component, check));
  test.each(
    each(plugin.schedules, {
      linear: { settings: { from: -2, to: 5, steps: 100 } },
      cosine: { settings: { images: 80 } },
      "warm-up": { settings: { to: { id: "cosine", from: 3, to: 1, steps: 1000 }, steps: 10 } },
    }),
  )("schedule %s", (_, component, check) => checkSchedule(component, check));

  const text = new TextDecoder();
  const readers = {
    csv: (files: ReadonlyMap<string, Uint8Array>) => {
      const [head = "", ...rows] = text.decode(files.get("metrics.csv")).trim().split("\n");
      const names = head.split(",").slice(1);
      return rows.map((row) => {
        const [step, ...cells] = row.split(",");
        const values = names.flatMap((name, i) => (cells[i] === "" ? [] : [[name, Number(cells[i])]]));
        return { step: Number(step), values: Object.fromEntries(values) };
      });
    },
    tensorboard: tensorboardSteps,
  };
  // The check of trackio needs a server, see its own tests.
  const local = plugin.loggers?.filter(({ id }) => id !== "trackio");
  test.each(each(local, readers))("logger %s", (_, component, read) =>
    checkLogger(component, {
      read: read as NonNullable<typeof read>,
      settings: component.id === "tensorboard" ? { histograms: true } : {},
    }),
  );
});

/** What TensorBoard shows of event files: a session's start takes away the steps from there on. */
function tensorboardSteps(files: ReadonlyMap<string, Uint8Array>) {
  const steps = new Map<number, Record<string, number>>();
  const field = (message: Uint8Array, at: number) => fieldsOf(message).find((each) => each.at === at)?.value;
  for (const [, bytes] of [...files].filter(([name]) => name.includes("tfevents")).sort()) {
    for (const event of recordsOf(bytes)) {
      const step = (field(event, 2) as number | undefined) ?? 0;
      const session = field(event, 7);
      if (session !== undefined) for (const known of [...steps.keys()]) if (known >= step) steps.delete(known);
      const summary = field(event, 5);
      if (!(summary instanceof Uint8Array)) continue;
      for (const { value } of fieldsOf(summary)) {
        const scalar = field(value as Uint8Array, 2);
        const tag = text(field(value as Uint8Array, 1) as Uint8Array);
        if (!(scalar instanceof Uint8Array)) continue;
        const number = new DataView(scalar.buffer, scalar.byteOffset).getFloat32(0, true);
        steps.set(step, { ...steps.get(step), [tag]: number });
      }
    }
  }
  return [...steps].sort(([a], [b]) => a - b).map(([step, values]) => ({ step, values }));

  function text(bytes: Uint8Array): string {
    return new TextDecoder().decode(bytes);
  }
}

import { onnxBackend } from "@ganymede/backend-onnx";
import type { Precision, TrainingConfig } from "@ganymede/core";
import { disposeExcept, disposeTree, fold, integers, key, leaves, mapLeaves, uniform } from "@ganymede/core";
import type { TrainState } from "@ganymede/training";
import { createIteration, createTrainStep } from "@ganymede/training";
import * as tf from "@tensorflow/tfjs-core";
import { beforeAll, describe, expect, it } from "vitest";
import { findPreset, registry } from "../families/presets.js";

beforeAll(() => onnxBackend().activate());

const batch = 4;

/** The state with loss scales that no gradient overflows with, so that no update is left out. */
function startBelow(state: TrainState, scale: number): TrainState {
  const lower = (name: "discriminatorScale" | "generatorScale") =>
    mapLeaves(state[name], (leaf, path) => (path === "scale" ? tf.scalar(scale) : leaf));
  return { ...state, discriminatorScale: lower("discriminatorScale"), generatorScale: lower("generatorScale") };
}

/** Losses and logits of the first steps on random images, and the last state's leaves. */
async function train(id: string, precision: Precision, steps: number) {
  const { family, preset } = findPreset(id);
  const training: TrainingConfig = { ...preset.training, batch, generatorBatch: null, accumulation: 1, precision };
  const model = family.create(preset.model);
  const step = createTrainStep(model, training, registry);
  const iterate = createIteration(step);
  let state: TrainState = startBelow(step.init(key(1)), 1024);
  const reports: Record<string, number>[] = [];
  for (let index = 0; index < steps; index++) {
    const at = fold(key(2), index);
    const images = uniform<tf.Rank.R4>(at, [batch, ...model.imageShape], -1, 1);
    const labels =
      model.classes === undefined ? null : integers<tf.Rank.R1>(fold(at, "labels"), [batch], 0, model.classes);
    const real = labels === null ? images : { images, labels };
    const { state: next, report } = await iterate(state, () => real, fold(key(3), index), index);
    reports.push(Object.fromEntries(leaves(report).map(({ path, value }) => [path, value.dataSync()[0] as number])));
    disposeExcept(state, next);
    disposeTree(report);
    tf.dispose([images, labels ?? []]);
    state = next;
  }
  const scales = [state.discriminatorScale, state.generatorScale].flatMap((scale) =>
    leaves(scale).map(({ value }) => value.dataSync()[0] as number),
  );
  const finite = leaves(state).every(({ value }) => value.dataSync().every(Number.isFinite));
  disposeTree(state);
  return { reports, scales, finite };
}

describe.each(["vitgan-tiny", "sagan-tiny", "transgan-tiny", "gansformer-tiny", "skinny-tiny"])("%s", (id) => {
  it("trains in mixed precision as it does in float32, to a few parts in a hundred", async () => {
    const steps = 2;
    const [half, single] = [await train(id, "float16", steps), await train(id, "float32", steps)];
    expect(half.finite).toBe(true);
    expect(half.scales).toEqual([1024, steps, 1024, steps]);
    let worst = 0;
    half.reports.forEach((report, index) => {
      for (const [name, value] of Object.entries(report)) {
        const expected = single.reports[index]![name] as number;
        worst = Math.max(worst, Math.abs(value - expected) / Math.max(1, Math.abs(expected)));
      }
    });
    expect(worst).toBeLessThan(0.03);
    expect(worst).toBeGreaterThan(0);
  }, 120_000);
});

import { disposeExcept, fold, key, uniform } from "@ganymede/core";
import type { TrainState } from "@ganymede/training";
import { createIteration, createTrainStep } from "@ganymede/training";
import type * as tf from "@tensorflow/tfjs-core";
import { backendOf } from "./backend-of.js";
import type { IterationSettings } from "./iteration-settings.js";
import { iterationCase } from "./iteration-settings.js";
import { serve } from "./serve.js";

/** Training iterations of a preset on random images; each call is one iteration, its losses read, and gives its milliseconds. */
async function start(settings: IterationSettings): Promise<() => Promise<number>> {
  await backendOf(settings).activate();
  const { family, model: config, training } = iterationCase(settings);
  const model = family.create(config);
  const train = createTrainStep(model, { ...training, precision: settings.precision });
  const iterate = createIteration(train);
  const runKey = key(1);
  let state: TrainState = train.init(fold(runKey, "init"));
  const real = uniform<tf.Rank.R4>(fold(runKey, "real"), [settings.batch, ...model.imageShape], -1, 1);
  let step = 0;
  return async () => {
    const begin = performance.now();
    const { state: next, report } = await iterate(state, () => real, fold(runKey, step), step);
    for (const value of Object.values(report)) {
      await value.data();
      value.dispose();
    }
    disposeExcept(state, next);
    state = next;
    step += 1;
    return performance.now() - begin;
  };
}

// One preset's iterations, timed in a process of their own.
await serve(await start(JSON.parse(process.argv[2]!) as IterationSettings));

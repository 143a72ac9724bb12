import type { Registry } from "@ganymede/core";
import { compile, disposeTree, fold, key } from "@ganymede/core";
import * as tf from "@tensorflow/tfjs-core";
import type { RunConfig } from "./run-config.js";
import { createModel } from "./run-config.js";
import { createTrainStep } from "./step-adapter.js";

/** Aborts a step that has been traced, before anything is computed. */
class WrittenDown extends Error {}

/**
 * Traces a training step without taking it, to find shapes that do not fit, such as a batch that is not a multiple of a group size. A
 * compiling backend only traces the step; one that runs operations eagerly takes the time of a step.
 *
 * @throws GanymedeError the errors of the first step.
 */
export async function tryStep(
  registry: Registry,
  config: Pick<RunConfig, "family" | "model" | "training" | "seed">,
): Promise<void> {
  const model = createModel(registry, config);
  const train = createTrainStep(model, config.training, registry);
  const state = train.init(fold(key(config.seed), "try"));
  const images = tf.zeros<tf.Rank.R4>([train.images, ...model.imageShape]);
  const labels = model.classes === undefined ? {} : { labels: tf.zeros<tf.Rank.R1>([train.images], "int32") };
  const real = { images, ...labels };
  const { precision } = train.parts.training;
  const follow = compile(
    (from: typeof state, shown: typeof real, at: ReturnType<typeof key>): Record<string, tf.Tensor> => {
      train.step(from, shown, at, train.phase(0));
      throw new WrittenDown();
    },
    { precision, weights: [0] },
  );
  try {
    disposeTree(await follow(state, real, key(config.seed)));
  } catch (error) {
    if (!(error instanceof WrittenDown)) throw error;
  } finally {
    disposeTree(state);
    disposeTree(real);
  }
}

import * as tf from "@tensorflow/tfjs-core";
import { normal } from "../../random/draw.js";
import type { Key } from "../../random/key.js";
import { fold } from "../../random/key.js";
import type { ParamTree } from "../../tree/param-tree.js";
import { averageDecay, updateAverage } from "../average/moving-average.js";
import { warmUp } from "../optimizer/warm-up.js";
import { valueAndGrad } from "../value-and-grad.js";
import type { StepParts } from "./step-parts.js";
import type { Report, TrainState } from "./train-state.js";

/** What the phase reads of the state, after the discriminator's phase. */
export type GeneratorInput<G extends ParamTree, D extends ParamTree> = Omit<TrainState<G, D>, "discriminatorOptimizer">;

/** What it replaces. */
export type GeneratorOutput<G extends ParamTree> = Pick<
  TrainState<G>,
  "step" | "generator" | "generatorOptimizer" | "generatorVectors" | "average"
>;

/**
 * One step of the generator against the discriminator as it now is, then the moving average: a pure function.
 */
export function generatorPhase<G extends ParamTree, D extends ParamTree>(
  parts: StepParts<G, D>,
  state: GeneratorInput<G, D>,
  key: Key,
): { readonly state: GeneratorOutput<G>; readonly report: Report } {
  const { model, training, loss, augmentation, generatorWeights } = parts;
  const discriminator = parts.discriminatorWeights.apply(state.discriminator, state.discriminatorVectors);
  const vectors = generatorWeights.advance(state.generator, state.generatorVectors);
  const z = normal<tf.Rank.R2>(fold(key, "z"), [training.batch, model.latentSize]);

  // 1. The objective: fake up.
  const { value, grads } = valueAndGrad((params: G) => {
    const weights = generatorWeights.apply(params, vectors);
    const images = model.generator.apply(weights, z, { mode: "training", key: fold(key, "generator") });
    const seen = augmentation === null ? images : augmentation.apply(images, fold(key, "augment"));
    const logits = model.discriminator.apply(discriminator, seen, {
      mode: "training",
      key: fold(key, "discriminator"),
    });
    return { value: loss.generator(logits), extra: {} };
  }, state.generator);

  // 2. Adam.
  const rate = warmUp(training.learningRate.generator, training.warmupSteps, state.step);
  const next = parts.optimizer.update(grads, state.generatorOptimizer, state.generator, rate);

  // 3. The moving average.
  const decay = averageDecay({ ...training.average, batch: training.batch }, tf.mul(state.step, training.batch));
  return {
    state: {
      step: tf.add(state.step, 1),
      generator: next.params,
      generatorOptimizer: next.state,
      generatorVectors: vectors,
      average: updateAverage(state.average, next.params, decay),
    },
    report: { "loss/g": value },
  };
}

import type { Key, ParamTree } from "@ganymede/core";
import { fold, integers, valueAndGrad } from "@ganymede/core";
import * as tf from "@tensorflow/tfjs-core";
import type { AdaptationState } from "../augment/adaptation.js";
import { adapt } from "../augment/adaptation.js";
import { mirror } from "../augment/mirror.js";
import { imagesPerStep } from "../complete-training.js";
import { recordStatistics, trained, withTrained } from "../statistics.js";
import { createCritic } from "./critic.js";
import type { Shown } from "./discriminator-terms.js";
import { discriminatorTerms } from "./discriminator-terms.js";
import { drawLatents, generate, nearby } from "./generate.js";
import { scaleOf } from "./loss-scale.js";
import { penaltiesIn } from "./penalty-schedule.js";
import type { LabelledImages } from "./real-images.js";
import type { StepParts } from "./step-parts.js";
import type { Report, TrainState } from "./train-state.js";

/** What the discriminator's half of a step reads of the state. */
export type DiscriminatorInput<G extends ParamTree, D extends ParamTree> = Pick<
  TrainState<G, D>,
  | "step"
  | "generator"
  | "generatorVectors"
  | "discriminator"
  | "discriminatorOptimizer"
  | "discriminatorVectors"
  | "adaptation"
  | "discriminatorScale"
>;

/** A state without what the discriminator's half does not read: an engine is not to look at it. */
export function discriminatorInput<G extends ParamTree, D extends ParamTree>(
  state: DiscriminatorInput<G, D>,
): DiscriminatorInput<G, D> {
  const { step, generator, generatorVectors, discriminator, discriminatorOptimizer, discriminatorVectors } = state;
  const { adaptation, discriminatorScale } = state;
  return {
    step,
    generator,
    generatorVectors,
    discriminator,
    discriminatorOptimizer,
    discriminatorVectors,
    adaptation,
    discriminatorScale,
  };
}

/** Gradients at one set of images, and what moved on while they were computed. */
export type DiscriminatorGradients = {
  /** In the structure of the trained parameters. */
  readonly grads: ParamTree;
  /** Next values of running statistics, by path. */
  readonly statistics: { readonly [path: string]: tf.Tensor };
  readonly vectors: ParamTree;
  readonly adaptation: ParamTree;
  readonly report: Report;
};

/** Mirrored real images, and fakes without a gradient for the generator. */
function show<G extends ParamTree, D extends ParamTree>(
  parts: StepParts<G, D>,
  state: DiscriminatorInput<G, D>,
  { images, labels }: LabelledImages,
  key: Key,
): Shown {
  const { training } = parts;
  const batch = images.shape[0];
  const coins = () => integers<tf.Rank.R1>(fold(key, "mirror"), [batch], 0, 2);
  const weights = parts.generatorWeights.apply(state.generator, state.generatorVectors);
  const latents = drawLatents(parts, key, batch);
  const fake = { images: generate(parts, weights, latents, key, state.step), labels: latents.labels };
  const { latentConsistency } = training;
  const moved = latentConsistency === null ? null : nearby(latents, key, latentConsistency.noise);
  return {
    real: { images: training.mirror ? mirror(images, coins()) : images, labels },
    fake,
    near: moved && { images: generate(parts, weights, moved, key, state.step), labels: latents.labels },
  };
}

/**
 * Gradients of the discriminator's objective: real up, fake down, the penalties of this phase and every other term. The vectors of the
 * weight transform advance first, before any forward pass of it.
 */
export function discriminatorGradients<G extends ParamTree, D extends ParamTree>(
  parts: StepParts<G, D>,
  state: DiscriminatorInput<G, D>,
  real: LabelledImages,
  key: Key,
  phase: string,
): DiscriminatorGradients {
  const { discriminatorWeights } = parts;
  const shown = show(parts, state, real, key);
  const vectors = discriminatorWeights.advance(state.discriminator, state.discriminatorVectors);
  const penalties = penaltiesIn(parts.penalties, phase);

  const { value, grads, extra } = valueAndGrad(
    (values) => {
      const params = withTrained(state.discriminator, values);
      const record = recordStatistics(params);
      const weights = discriminatorWeights.apply(params, vectors);
      const critic = createCritic(parts, state, { weights, key, update: record.update });
      const { terms, base } = discriminatorTerms(parts, critic, shown, penalties, key, state.step);
      const signs = parts.training.adaptation === null ? {} : { "signs/real": tf.mean(tf.sign(base.real)) };
      return {
        value: terms.map(([, term]) => term).reduce((sum, term) => tf.add(sum, term)),
        extra: {
          statistics: record.values(),
          report: {
            "logits/real": tf.mean(base.real),
            "logits/fake": tf.mean(base.fake),
            ...signs,
            ...Object.fromEntries(terms.slice(1).map(([name, term]) => [`loss/${name}`, term])),
          } as Record<string, tf.Scalar>,
        },
      };
    },
    trained(state.discriminator),
    scaleOf(state.discriminatorScale),
  );

  return {
    grads,
    statistics: extra.statistics,
    vectors,
    adaptation: adapted(parts, state, extra.report["signs/real"]),
    report: { "loss/d": value, ...extra.report },
  };
}

function adapted<G extends ParamTree, D extends ParamTree>(
  parts: StepParts<G, D>,
  state: DiscriminatorInput<G, D>,
  signs: tf.Scalar | undefined,
): ParamTree {
  const { adaptation } = parts.training;
  if (adaptation === null || signs === undefined) return state.adaptation;
  return adapt(state.adaptation as AdaptationState, signs, state.step, adaptation, imagesPerStep(parts.training));
}

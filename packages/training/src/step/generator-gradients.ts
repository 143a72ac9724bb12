import type { Key, ParamTree } from "@ganymede/core";
import { fold, valueAndGrad } from "@ganymede/core";
import { averagePool } from "@ganymede/core/nn";
import * as tf from "@tensorflow/tfjs-core";
import { pixelLoss } from "../losses/pixel-loss.js";
import { recordStatistics, trained, withTrained } from "../statistics.js";
import type { Critic } from "./critic.js";
import { createCritic } from "./critic.js";
import type { Latents } from "./generate.js";
import { drawLatents, generate, nearby } from "./generate.js";
import { scaleOf } from "./loss-scale.js";
import { penaltiesIn } from "./penalty-schedule.js";
import type { LabelledImages } from "./real-images.js";
import { conditions } from "./real-images.js";
import type { StepParts } from "./step-parts.js";
import type { Report, TrainState } from "./train-state.js";

/** What the generator's half of a step reads of the state, after the discriminator's. */
export type GeneratorInput<G extends ParamTree, D extends ParamTree> = Omit<TrainState<G, D>, "discriminatorOptimizer">;

/** A state without what the generator's half does not read: an engine is not to look at it. */
export function generatorInput<G extends ParamTree, D extends ParamTree>({
  discriminatorOptimizer: _unread,
  ...read
}: TrainState<G, D>): GeneratorInput<G, D> {
  return read;
}

/** Gradients, and what moved on while they were computed. */
export type GeneratorGradients = {
  /** In the structure of the trained parameters. */
  readonly grads: ParamTree;
  /** Next values of running statistics, by path. */
  readonly statistics: { readonly [path: string]: tf.Tensor };
  readonly vectors: ParamTree;
  /** What the penalties remember, by their ids. */
  readonly penalties: { readonly [id: string]: ParamTree };
  readonly report: Report;
};

interface Pass<G extends ParamTree, D extends ParamTree> {
  readonly parts: StepParts<G, D>;
  readonly state: GeneratorInput<G, D>;
  readonly weights: G;
  readonly critic: Critic;
  readonly latents: Latents;
  readonly key: Key;
  readonly real: LabelledImages | null;
}

type Term = readonly [string, tf.Scalar];

/** Fake up, judged alone or against real images, by image or also by pixel. */
function adversarial<G extends ParamTree, D extends ParamTree>(pass: Pass<G, D>, images: tf.Tensor4D): tf.Scalar {
  const { parts, critic, latents, real } = pass;
  const fakes = { images, labels: latents.labels, draw: "fake" };
  const reals =
    parts.loss.generatorSeesReal === true && real !== null ? { labels: undefined, ...real, draw: "real" } : null;
  if (parts.training.pixels !== null) {
    return pixelLoss(parts.loss).generator(
      critic.judgePixels(fakes),
      reals === null ? undefined : critic.judgePixels(reals),
    );
  }
  return parts.loss.generator(critic.judge(fakes), reals === null ? undefined : critic.judge(reals));
}

/** mean (G_sr(small x) - x)^2, small x by averages of squares. */
function superResolution<G extends ParamTree, D extends ParamTree>(pass: Pass<G, D>, weight: number): Term {
  const { parts, state, weights, key, real } = pass;
  const { model } = parts;
  const { images, labels } = real as LabelledImages;
  const sr = model.superResolution as NonNullable<typeof model.superResolution>;
  const small = averagePool(images, images.shape[1] / sr.size);
  const made = sr.apply(weights, small, {
    mode: "training",
    key: fold(key, "super-resolution"),
    ...conditions(labels, state.step),
  });
  return ["super-resolution", tf.mul(tf.mean(tf.square(tf.sub(made, images))), weight)];
}

/** Images should answer to the latent: -weight * mean (G(z) - G(z + noise))^2. */
function latentConsistency<G extends ParamTree, D extends ParamTree>(pass: Pass<G, D>, images: tf.Tensor4D): Term[] {
  const { parts, state, weights, latents, key } = pass;
  const config = parts.training.latentConsistency;
  if (config === null) return [];
  const moved = generate(parts, weights, nearby(latents, key, config.noise), key, state.step);
  return [["latent-consistency", tf.mul(tf.mean(tf.square(tf.sub(images, moved))), -config.generator)]];
}

function penaltyTerms<G extends ParamTree, D extends ParamTree>(
  { parts, state, weights, key }: Pass<G, D>,
  phase: string,
): { readonly terms: Term[]; readonly memory: { readonly [id: string]: ParamTree } } {
  const { model, training } = parts;
  const memory: { [id: string]: ParamTree } = { ...state.generatorPenalties };
  const terms = penaltiesIn(parts.generatorPenalties, phase).map((penalty): Term => {
    const at = fold(key, `penalty/${penalty.id}`);
    const layers = model.styles?.layers as NonNullable<NonNullable<typeof model.styles>["layers"]>;
    let drawn: Latents | undefined;
    const context = () =>
      ({ mode: "training", key: fold(at, "generator"), ...conditions(drawn?.labels, state.step) }) as const;
    const result = penalty.apply(
      {
        batch: training.generatorBatch ?? training.batch,
        styles(count) {
          drawn = drawLatents(parts, at, count);
          return layers.of(weights, drawn.z, context());
        },
        draw: (styles) => layers.draw(weights, styles, context()),
        key: at,
      },
      state.generatorPenalties[penalty.id] as ParamTree,
    );
    memory[penalty.id] = result.memory;
    return [penalty.id, result.value];
  });
  return { terms, memory };
}

/** Gradients of the generator's objective against the discriminator as it now is. */
export function generatorGradients<G extends ParamTree, D extends ParamTree>(
  parts: StepParts<G, D>,
  state: GeneratorInput<G, D>,
  key: Key,
  phase: string,
  real: LabelledImages | null,
): GeneratorGradients {
  const { training, generatorWeights, discriminatorWeights } = parts;
  const judging = discriminatorWeights.apply(state.discriminator, state.discriminatorVectors);
  const vectors = generatorWeights.advance(state.generator, state.generatorVectors);
  const latents = drawLatents(parts, key, training.generatorBatch ?? training.batch);
  const critic = createCritic(parts, state, { weights: judging, key });

  const { value, grads, extra } = valueAndGrad(
    (values) => {
      const params = withTrained(state.generator, values);
      const record = recordStatistics(params);
      const weights = generatorWeights.apply(params, vectors);
      const pass = { parts, state, weights, critic, latents, key, real };
      const images = generate(parts, weights, latents, key, state.step, record.update);
      const { terms: penalties, memory } = penaltyTerms(pass, phase);
      const others: Term[] = [
        ...penalties,
        ...(training.superResolution === null ? [] : [superResolution(pass, training.superResolution)]),
        ...latentConsistency(pass, images),
      ];
      return {
        value: others.reduce((sum, [, term]) => tf.add(sum, term), adversarial(pass, images)),
        extra: {
          statistics: record.values(),
          penalties: memory,
          report: Object.fromEntries(others.map(([name, term]) => [`loss/g/${name}`, term])),
        },
      };
    },
    trained(state.generator),
    scaleOf(state.generatorScale),
  );
  return { grads, vectors, ...extra, report: { "loss/g": value, ...extra.report } };
}

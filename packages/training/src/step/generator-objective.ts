import type { GeneratorPass, Key, LabelledImages, Logits, ParamTree, Side } from "@ganymede/core";
import { GanymedeError, valueAndGrad } from "@ganymede/core";
import * as tf from "@tensorflow/tfjs-core";
import { recordStatistics, trained, withTrained } from "../statistics.js";
import { scaleOf } from "./loss-scale.js";
import type { Part } from "./pass.js";
import {
  createJudge,
  drawLatents,
  generateBy,
  latentsBeside,
  progressOf,
  sumTerms,
  termKey,
  termsIn,
  trainingContext,
} from "./pass.js";
import { withLabels } from "./real-images.js";
import type { StepParts } from "./resolve-training.js";
import type { TrainState } from "./train-state.js";

/** State read by the gradients of the generator, after the discriminator's update. */
export type GeneratorState<G extends ParamTree, D extends ParamTree> = Pick<
  TrainState<G, D>,
  | "step"
  | "generator"
  | "generatorWeightState"
  | "discriminator"
  | "discriminatorWeightState"
  | "generatorTerms"
  | "augmentation"
  | "generatorScale"
>;

function refuse(id: string, member: string, value: string): never {
  throw new GanymedeError(
    "invalid-argument",
    `training: the term "${id}" reads "${value}" without declaring it; add it to the term's ${member}`,
  );
}

/** Gradients of the generator's objective on one part of a batch, against the current discriminator. */
export function generatorGradients<G extends ParamTree, D extends ParamTree>(
  parts: StepParts<G, D>,
  state: GeneratorState<G, D>,
  real: LabelledImages | null,
  key: Key,
  phase: string,
): Part {
  const { model, training, loss } = parts;
  const progress = progressOf(parts, state);
  const { step } = progress;
  const terms = termsIn(parts.generatorTerms, phase);
  const capability = terms.find(({ term }) => term.answers !== undefined)?.term.answers;
  const outputs = terms.find(({ term }) => term.outputs !== undefined)?.term.outputs;
  const batch = training.generatorBatch ?? training.batch;
  const judging = parts.discriminatorWeights.apply(state.discriminator, state.discriminatorWeightState);
  const latents = latentsBeside(parts, key, batch, real);
  const judge = createJudge(parts, state, progress, { weights: judging, key });

  const { value, grads, extra } = valueAndGrad(
    (values) => {
      const params = withTrained(state.generator, values);
      const record = recordStatistics(params);
      const weights = parts.generatorWeights.apply(params, state.generatorWeightState);
      const made =
        outputs === undefined
          ? { images: generateBy(model.generator, weights, latents, key, step, record.update) }
          : (generateBy(model[outputs] as never, weights, latents, key, step, record.update) as {
              readonly images: tf.Tensor4D;
            });
      const shown = { real, fake: { images: made.images, ...withLabels(latents.labels) } };
      const network = capability === undefined ? undefined : model[capability];
      const judged = new Map<Side, unknown>();
      const answers = (side: Side): unknown => {
        const images = shown[side];
        if (images === null) return refuse(capability ?? "loss", "readsReal", "real");
        if (!judged.has(side)) {
          judged.set(side, judge.judgeBy((network ?? model.discriminator) as never, { ...images, draw: side }));
        }
        return judged.get(side);
      };
      const logits = (side: Side): Logits =>
        network === undefined ? (answers(side) as Logits) : (answers(side) as { readonly image: Logits }).image;
      const results = terms.map(({ id, term }) => {
        const pass: GeneratorPass = {
          progress,
          key: termKey(key, id),
          params: values,
          weights,
          ...shown,
          latents,
          batch,
          judge: (images) => judge.judgeBy(model.discriminator, images),
          judgeBy: judge.judgeBy as GeneratorPass["judgeBy"],
          drawLatents: (at, count) => drawLatents(parts, at, count),
          generate: (from, at) => generateBy(model.generator, weights, from, at, step),
          context: (at, labels) => trainingContext(at, labels, step),
          logits: () => logits("fake"),
          answers: (name, side) => (term.answers === name ? answers(side) : refuse(id, "answers", name)) as never,
          outputs: (name) => (term.outputs === name ? made : refuse(id, "outputs", name)) as never,
        };
        return term.apply?.(pass, state.generatorTerms[id] ?? {});
      });
      const shares = terms.flatMap(({ term }) => term.weights?.(logits("fake"), progress) ?? []);
      const adversarial = loss.generator(
        logits("fake"),
        loss.generatorSeesReal === true ? logits("real") : undefined,
        shares.length === 0 ? undefined : shares.reduce((product, share) => tf.mul(product, share)),
      );
      const sum = sumTerms(adversarial, terms, results, "generator");
      return {
        value: sum.value,
        extra: {
          statistics: record.values(),
          memories: sum.memories,
          report: { ...sum.report } as Record<string, tf.Scalar>,
        },
      };
    },
    trained(state.generator),
    scaleOf(state.generatorScale),
  );
  return { grads, ...extra, report: { "loss/g": value, ...extra.report } };
}

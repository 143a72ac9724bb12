import type { DiscriminatorPass, GradientSite, Key, LabelledImages, Logits, ParamTree, Side } from "@ganymede/core";
import { differentiate, fold, GanymedeError, integers, valueAndGrad } from "@ganymede/core";
import * as tf from "@tensorflow/tfjs-core";
import { mirror } from "../augment/mirror.js";
import { recordStatistics, trained, withTrained } from "../statistics.js";
import { scaleOf } from "./loss-scale.js";
import type { Judge, Part } from "./pass.js";
import { createJudge, drawLatents, generateBy, latentsBeside, progressOf, sumTerms, termKey, termsIn } from "./pass.js";
import { withLabels } from "./real-images.js";
import type { StepParts } from "./resolve-training.js";
import type { TrainState } from "./train-state.js";

type Sides<Value> = Readonly<Record<Side, Value>>;

/** State read by the gradients of the discriminator. */
export type DiscriminatorState<G extends ParamTree, D extends ParamTree> = Pick<
  TrainState<G, D>,
  | "step"
  | "generator"
  | "generatorWeightState"
  | "discriminator"
  | "discriminatorWeightState"
  | "discriminatorTerms"
  | "augmentation"
  | "discriminatorScale"
>;

/** Memoises a function per argument. */
function once<Argument, Value>(compute: (argument: Argument) => Value): (argument: Argument) => Value {
  const values = new Map<Argument, Value>();
  return (argument) => {
    if (!values.has(argument)) values.set(argument, compute(argument));
    return values.get(argument) as Value;
  };
}

function split(logits: Logits): Sides<Logits> {
  const [real, fake] = tf.split(logits, 2) as [Logits, Logits];
  return { real, fake };
}

const sideOf = (site: GradientSite): Side => (site.startsWith("real") ? "real" : "fake");

/** Logits of the images of the loss and gradients with respect to them. A side that needs its gradient computes both in one pass. */
function judgements<G extends ParamTree, D extends ParamTree>(
  { model }: StepParts<G, D>,
  { judgeBy, augment }: Judge<D>,
  shown: Sides<LabelledImages>,
  sites: readonly GradientSite[],
  network: { apply(...inputs: never[]): { readonly image: Logits } } | undefined,
) {
  const judge = (side: Side, draw: string) => judgeBy(model.discriminator, { ...shown[side], draw });
  const pass = once((site: GradientSite) => {
    const side = sideOf(site);
    if (site === side) {
      const at = (images: tf.Tensor4D) => judgeBy(model.discriminator, { ...shown[side], images, draw: side });
      return differentiate(at, shown[side].images);
    }
    const at = (images: tf.Tensor4D) =>
      judgeBy(model.discriminator, { ...shown[side], images, draw: side, augment: false });
    return differentiate(at, augment(shown[side].images, side));
  });
  const answers = once((side: Side) =>
    judgeBy(network as Parameters<typeof judgeBy>[0], { ...shown[side], draw: side }),
  ) as (side: Side) => { readonly image: Logits };
  /** Real and fake in one pass, unless their logits depend on each other. */
  const together = (draw: string): Sides<Logits> => {
    if (model.discriminatorComparesImages === true) {
      return { real: judge("real", `${draw}real`), fake: judge("fake", `${draw}fake`) };
    }
    const { real, fake } = shown;
    const images = tf.concat4d([real.images, fake.images], 0);
    const labels = real.labels && fake.labels && (tf.concat1d([real.labels, fake.labels]) as tf.Tensor1D);
    return split(judgeBy(model.discriminator, { images, ...withLabels(labels), draw }));
  };
  const apart = (side: Side): Logits => {
    const site = sites.find((each) => sideOf(each) === side);
    return site === undefined ? judge(side, side) : pass(site).value;
  };
  const logits = once((draw: string): Sides<Logits> => {
    if (draw !== "") return together(`${draw}/`);
    if (network !== undefined) return { real: answers("real").image, fake: answers("fake").image };
    return sites.length > 0 ? { real: apart("real"), fake: apart("fake") } : together("");
  });
  return { logits, answers, gradient: (site: GradientSite) => pass(site).gradient };
}

/** Throws for a value that the term reads without declaring it. */
function refuse(id: string, member: string, value: string): never {
  throw new GanymedeError(
    "invalid-argument",
    `training: the term "${id}" reads "${value}" without declaring it; add it to the term's ${member}`,
  );
}

/** Gradients of the discriminator's objective on one part of a batch: the loss on real and fake images, and the terms of this phase. */
export function discriminatorGradients<G extends ParamTree, D extends ParamTree>(
  parts: StepParts<G, D>,
  state: DiscriminatorState<G, D>,
  { images, labels }: LabelledImages,
  key: Key,
  phase: string,
): Part {
  const { model, training, loss, augmentation } = parts;
  const [batch] = images.shape;
  const progress = progressOf(parts, state);
  const terms = termsIn(parts.discriminatorTerms, phase);
  const sites = [...new Set(terms.flatMap(({ term }) => term.gradients ?? []))];
  const capability = terms.find(({ term }) => term.answers !== undefined)?.term.answers;
  const weightsOfG = parts.generatorWeights.apply(state.generator, state.generatorWeightState);
  const latents = latentsBeside(parts, key, batch, { images, ...withLabels(labels) });
  const generate: DiscriminatorPass["generate"] = (from, at) =>
    generateBy(model.generator, weightsOfG, from, at, progress.step);
  const coins = () => integers<tf.Rank.R1>(fold(key, "mirror"), [batch], 0, 2);
  const drawn: Sides<LabelledImages> = {
    real: { images: training.mirror ? mirror(images, coins()) : images, ...withLabels(labels) },
    fake: { images: generate(latents, key), ...withLabels(latents.labels) },
  };

  const { value, grads, extra } = valueAndGrad(
    (values) => {
      const params = withTrained(state.discriminator, values);
      const record = recordStatistics(params);
      const weights = parts.discriminatorWeights.apply(params, state.discriminatorWeightState);
      const judge = createJudge(parts, state, progress, { weights, key, update: record.update });
      const base = (id: string, shown: Sides<LabelledImages>) => ({
        progress,
        key: termKey(key, id),
        params: values,
        judge: (judged: Parameters<DiscriminatorPass["judge"]>[0]) => judge.judgeBy(model.discriminator, judged),
        judgeBy: judge.judgeBy as DiscriminatorPass["judgeBy"],
        latents,
        drawLatents: (at: Key, count: number) => drawLatents(parts, at, count),
        generate,
        ...shown,
      });
      const memoryOf = (id: string): ParamTree => state.discriminatorTerms[id] ?? {};
      const shown = terms.reduce(
        (sides, { id, term }) => term.prepare?.(base(id, sides), memoryOf(id)) ?? sides,
        drawn,
      );
      const network = capability && (model[capability] as Parameters<typeof judgements>[4]);
      const found = judgements(parts, judge, shown, sites, network);
      const results = terms.map(({ id, term }) => {
        const pass: DiscriminatorPass = {
          ...base(id, shown),
          logits: (draw = "") => found.logits(draw),
          gradient: (site) => (term.gradients?.includes(site) ? found.gradient(site) : refuse(id, "gradients", site)),
          answers: (name, side) => (term.answers === name ? found.answers(side) : refuse(id, "answers", name)) as never,
        };
        return term.apply(pass, memoryOf(id));
      });
      const { real, fake } = found.logits("");
      const sum = sumTerms(loss.discriminator(real, fake), terms, results, "discriminator");
      const signs = augmentation?.adapt === undefined ? {} : { "signs/real": tf.mean(tf.sign(real)) };
      return {
        value: sum.value,
        extra: {
          statistics: record.values(),
          memories: sum.memories,
          report: { "logits/real": tf.mean(real), "logits/fake": tf.mean(fake), ...signs, ...sum.report } as Record<
            string,
            tf.Scalar
          >,
        },
      };
    },
    trained(state.discriminator),
    scaleOf(state.discriminatorScale),
  );
  return { grads, ...extra, report: { "loss/d": value, ...extra.report } };
}

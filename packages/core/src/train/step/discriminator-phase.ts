import * as tf from "@tensorflow/tfjs-core";
import type { Penalty } from "../../contracts/penalty.js";
import { integers, normal } from "../../random/draw.js";
import type { Key } from "../../random/key.js";
import { fold } from "../../random/key.js";
import type { ParamTree } from "../../tree/param-tree.js";
import { mirror } from "../augment/mirror.js";
import { differentiate } from "../differentiate.js";
import { consistency } from "../losses/consistency.js";
import { warmUp } from "../optimizer/warm-up.js";
import { valueAndGrad } from "../value-and-grad.js";
import { penaltiesIn } from "./penalty-schedule.js";
import type { StepParts } from "./step-parts.js";
import type { Report, TrainState } from "./train-state.js";

/** Logits of real and of generated images. */
interface Judgement {
  readonly real: tf.Tensor1D;
  readonly fake: tf.Tensor1D;
}

/** What the phase reads of the state. */
export type DiscriminatorInput<G extends ParamTree, D extends ParamTree> = Pick<
  TrainState<G, D>,
  "step" | "generator" | "generatorVectors" | "discriminator" | "discriminatorOptimizer" | "discriminatorVectors"
>;

/** What it replaces. */
export type DiscriminatorOutput<D extends ParamTree> = {
  readonly discriminator: D;
  readonly discriminatorOptimizer: TrainState["discriminatorOptimizer"];
  readonly discriminatorVectors: ParamTree;
};

function split(logits: tf.Tensor1D): Judgement {
  const half = (logits.shape[0] as number) / 2;
  return { real: tf.slice1d(logits, 0, half), fake: tf.slice1d(logits, half, half) };
}

/**
 * One step of the discriminator, a pure function: real up, fake down, the penalties of this phase, consistency, Adam.
 *
 * @param real images `[B, H, W, C]` in [-1, 1].
 * @param phase which penalties apply, see `penaltyPhase`.
 */
export function discriminatorPhase<G extends ParamTree, D extends ParamTree>(
  parts: StepParts<G, D>,
  state: DiscriminatorInput<G, D>,
  real: tf.Tensor4D,
  key: Key,
  phase: string,
): { readonly state: DiscriminatorOutput<D>; readonly report: Report } {
  const { model, training, loss, augmentation, discriminatorWeights } = parts;
  const batch = real.shape[0];

  // 1. Images: mirrored real ones, and fakes without a gradient for the generator.
  const coins = () => integers<tf.Rank.R1>(fold(key, "mirror"), [batch], 0, 2);
  const shown = training.mirror ? mirror(real, coins()) : real;
  const z = normal<tf.Rank.R2>(fold(key, "z"), [batch, model.latentSize]);
  const generator = parts.generatorWeights.apply(state.generator, state.generatorVectors);
  const fake = model.generator.apply(generator, z, { mode: "training", key: fold(key, "generator") });

  // 2. The vectors of the weight transform advance once a step, before any forward pass of it.
  const vectors = discriminatorWeights.advance(state.discriminator, state.discriminatorVectors);

  const augment = (images: tf.Tensor4D, label: string) =>
    augmentation === null ? images : augmentation.apply(images, fold(fold(key, "augment"), label));

  const { value, grads, extra } = valueAndGrad((params: D) => {
    const weights = discriminatorWeights.apply(params, vectors);
    const logits = (images: tf.Tensor4D, label: string) =>
      model.discriminator.apply(weights, augment(images, label), { mode: "training", key: fold(key, label) });

    // 3. Penalties. One that differentiates D at the real images leaves their logits for the loss.
    let atReal: ReturnType<typeof differentiate<tf.Tensor1D>> | undefined;
    const realGradient = () => {
      atReal ??= differentiate((images) => logits(images, "real"), shown);
      return atReal.gradient;
    };
    const apply = (penalty: Penalty) => {
      const label = `penalty/${penalty.id}`;
      const discriminate = (images: tf.Tensor4D) => logits(images, label);
      return penalty.apply({ real: shown, fake, discriminate, realGradient, key: fold(key, label) });
    };
    const penalties = penaltiesIn(parts.penalties, phase).map((penalty) => [penalty.id, apply(penalty)] as const);

    // 4. Logits: one pass over real and fake together where nothing forbids it.
    const judge = (label: string): Judgement =>
      model.discriminatorComparesImages === true
        ? { real: logits(shown, `${label}real`), fake: logits(fake, `${label}fake`) }
        : split(logits(tf.concat4d([shown, fake], 0), label));
    const base = atReal === undefined ? judge("") : { real: atReal.value, fake: logits(fake, "fake") };

    // 5. The objective.
    const adversarial = loss.discriminator(base.real, base.fake);
    const terms: (readonly [string, tf.Scalar])[] = [["adversarial", adversarial], ...penalties];
    if (training.consistency !== null) {
      const again = judge("again/");
      const pair = (side: keyof Judgement) => ({ base: base[side], augmented: again[side] });
      terms.push(["consistency", consistency(pair("real"), pair("fake"), training.consistency)]);
    }
    const total = terms.map(([, term]) => term).reduce((sum, term) => tf.add(sum, term));
    return {
      value: total,
      extra: {
        "logits/real": tf.mean(base.real),
        "logits/fake": tf.mean(base.fake),
        ...Object.fromEntries(terms.slice(1).map(([name, term]) => [`loss/${name}`, term])),
      } as Record<string, tf.Scalar>,
    };
  }, state.discriminator);

  // 6. Adam.
  const rate = warmUp(training.learningRate.discriminator, training.warmupSteps, state.step);
  const next = parts.optimizer.update(grads, state.discriminatorOptimizer, state.discriminator, rate);
  return {
    state: { discriminator: next.params, discriminatorOptimizer: next.state, discriminatorVectors: vectors },
    report: { "loss/d": value, ...extra },
  };
}

import type { Key, ParamTree, Penalty, PixelConfig, PixelLogits } from "@ganymede/core";
import { differentiate, fold } from "@ganymede/core";
import { mix } from "@ganymede/core/nn";
import * as tf from "@tensorflow/tfjs-core";
import { consistency } from "../losses/consistency.js";
import { cutMixLoss, cutMixMasks } from "../losses/cut-mix.js";
import { drift } from "../losses/drift.js";
import { pixelLoss } from "../losses/pixel-loss.js";
import type { Critic, View } from "./critic.js";
import type { StepParts } from "./step-parts.js";

/** Real images, the fakes shown beside them, and fakes of latents close to those where latent consistency asks. */
export interface Shown {
  readonly real: Omit<View, "draw">;
  readonly fake: Omit<View, "draw">;
  readonly near: Omit<View, "draw"> | null;
}

/** Logits of real and of generated images. */
interface Judgement {
  readonly real: tf.Tensor1D;
  readonly fake: tf.Tensor1D;
}

export interface DiscriminatorTerms {
  /** What is summed, by name; the adversarial loss first. */
  readonly terms: readonly (readonly [string, tf.Scalar])[];
  readonly base: Judgement;
}

function split(logits: tf.Tensor1D): Judgement {
  const half = (logits.shape[0] as number) / 2;
  return { real: tf.slice1d(logits, 0, half), fake: tf.slice1d(logits, half, half) };
}

function together({ real, fake }: Shown, draw: string): View {
  const labels = real.labels && fake.labels && (tf.concat1d([real.labels, fake.labels]) as tf.Tensor1D);
  return { images: tf.concat4d([real.images, fake.images], 0), labels, draw };
}

/** The adversarial loss with logits per pixel, and CutMix whose weight rises over its warm-up. */
function pixelTerms<G extends ParamTree, D extends ParamTree>(
  { loss }: StepParts<G, D>,
  { cutMix }: PixelConfig,
  critic: Critic,
  shown: Shown,
  key: Key,
  step: tf.Scalar,
): { readonly terms: [string, tf.Scalar][]; readonly real: PixelLogits; readonly fake: PixelLogits } {
  const real = critic.judgePixels({ ...shown.real, draw: "real" });
  const fake = critic.judgePixels({ ...shown.fake, draw: "fake" });
  const terms: [string, tf.Scalar][] = [["adversarial", pixelLoss(loss).discriminator(real, fake)]];
  if (cutMix !== null) {
    const [batch, height, width] = shown.real.images.shape;
    const mask = cutMixMasks(fold(key, "cut-mix"), [batch, height, width]);
    const images = mix(mask, shown.real.images, shown.fake.images);
    const mixed = critic.judgePixels({ images, labels: shown.real.labels, draw: "mixed" });
    const value = cutMixLoss({ real, fake, mixed, mask }, cutMix.consistency);
    const share = cutMix.warmupSteps === 0 ? 1 : tf.minimum(tf.div(step, cutMix.warmupSteps), 1);
    terms.push(["cut-mix", tf.mul(value, share)]);
  }
  return { terms, real, fake };
}

/** Every term of the discriminator's objective at one set of images. */
export function discriminatorTerms<G extends ParamTree, D extends ParamTree>(
  parts: StepParts<G, D>,
  critic: Critic,
  shown: Shown,
  penalties: readonly Penalty[],
  key: Key,
  step: tf.Scalar,
): DiscriminatorTerms {
  const { model, training, loss } = parts;

  // 1. Penalties. One that differentiates D at the images of the loss leaves their logits for it.
  const passes: { real?: ReturnType<typeof differentiate<tf.Tensor1D>>; fake?: typeof passes.real } = {};
  const gradientAt = (side: "real" | "fake") => () => {
    passes[side] ??= differentiate(
      (images) => critic.judge({ ...shown[side], images, draw: side }),
      shown[side].images,
    );
    return passes[side].gradient;
  };
  const apply = (penalty: Penalty) => {
    const draw = `penalty/${penalty.id}`;
    return penalty.apply({
      real: shown.real.images,
      fake: shown.fake.images,
      discriminate: (images) => critic.judge({ images, labels: shown.real.labels, draw }),
      realGradient: gradientAt("real"),
      fakeGradient: gradientAt("fake"),
      queries: () =>
        tf.concat3d([critic.look({ ...shown.real, draw: "real" }), critic.look({ ...shown.fake, draw: "fake" })], 0),
      key: fold(key, draw),
    });
  };
  const regularised = penalties.map((penalty) => [penalty.id, apply(penalty)] as const);

  // 2. Logits: one pass over real and fake together where nothing forbids it.
  const judge = (draw: string): Judgement =>
    model.discriminatorComparesImages === true
      ? {
          real: critic.judge({ ...shown.real, draw: `${draw}real` }),
          fake: critic.judge({ ...shown.fake, draw: `${draw}fake` }),
        }
      : split(critic.judge(together(shown, draw)));
  const separate = (side: "real" | "fake") => passes[side]?.value ?? critic.judge({ ...shown[side], draw: side });

  // 3. The adversarial loss.
  const terms: (readonly [string, tf.Scalar])[] = [];
  let base: Judgement;
  if (training.pixels !== null) {
    const dense = pixelTerms(parts, training.pixels, critic, shown, key, step);
    base = { real: dense.real.image, fake: dense.fake.image };
    terms.push(...dense.terms);
  } else {
    const apart = passes.real !== undefined || passes.fake !== undefined;
    base = apart ? { real: separate("real"), fake: separate("fake") } : judge("");
    terms.push(["adversarial", loss.discriminator(base.real, base.fake)]);
  }

  // 4. What keeps the logits in place.
  terms.push(...regularised);
  if (training.drift !== null) terms.push(["drift", drift(base.real, training.drift)]);
  if (training.consistency !== null) {
    const again = judge("again/");
    const pair = (side: keyof Judgement) => ({ base: base[side], augmented: again[side] });
    terms.push(["consistency", consistency(pair("real"), pair("fake"), training.consistency)]);
  }
  if (training.latentConsistency !== null && shown.near !== null) {
    const near = critic.judge({ ...shown.near, draw: "near" });
    const distance = tf.mean(tf.square(tf.sub(base.fake, near)));
    terms.push(["latent-consistency", tf.mul(distance, training.latentConsistency.discriminator)]);
  }
  return { terms, base };
}

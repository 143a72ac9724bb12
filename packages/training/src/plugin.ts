import type { DiscriminatorTermComponent, GeneratorTermComponent } from "@ganymede/core";
import { definePlugin } from "@ganymede/core";
import { adaptiveAugment } from "./augment/ada/ada.js";
import { diffAugment } from "./augment/diffaugment.js";
import { csv } from "./loggers/csv.js";
import { tensorboard } from "./loggers/tensorboard.js";
import { trackio } from "./loggers/trackio.js";
import { hinge } from "./objective/losses/hinge.js";
import { leastSquares } from "./objective/losses/least-squares.js";
import { nonSaturating } from "./objective/losses/non-saturating.js";
import { relativistic, relativisticAverage } from "./objective/losses/relativistic.js";
import { wasserstein } from "./objective/losses/wasserstein.js";
import { balancedConsistency } from "./objective/terms/consistency.js";
import { cutMix } from "./objective/terms/cut-mix.js";
import { diversity } from "./objective/terms/diversity.js";
import { dragan } from "./objective/terms/dragan.js";
import { driftTerm } from "./objective/terms/drift.js";
import { gradientPenalty } from "./objective/terms/gradient-penalty.js";
import { latentConsistency, latentDiversity } from "./objective/terms/latent-consistency.js";
import { leCam } from "./objective/terms/le-cam.js";
import { discriminatorOrthogonal, orthogonal } from "./objective/terms/orthogonal.js";
import { pathLength } from "./objective/terms/path-length.js";
import { generatorPixelLogits, pixelLogits } from "./objective/terms/pixel-logits.js";
import { pseudoAugmentation } from "./objective/terms/pseudo-augmentation.js";
import { r1, r2 } from "./objective/terms/r1.js";
import { topK } from "./objective/terms/top-k.js";
import { adam, adamW } from "./optim/adam.js";
import { schedules } from "./optim/create-schedule.js";
import { lion } from "./optim/lion.js";
import { rmsProp } from "./optim/rmsprop.js";

const discriminatorTerms: readonly DiscriminatorTermComponent[] = [
  r1,
  r2,
  gradientPenalty,
  driftTerm,
  balancedConsistency,
  latentConsistency,
  pixelLogits,
  cutMix,
  diversity,
  dragan,
  leCam,
  discriminatorOrthogonal,
  pseudoAugmentation,
];

const generatorTerms: readonly GeneratorTermComponent[] = [
  pathLength,
  latentDiversity,
  generatorPixelLogits,
  orthogonal,
  topK,
];

/** The losses, terms, augmentations, optimizers and schedules of this package, as a plugin. */
export const trainingPlugin = () =>
  definePlugin({
    apiVersion: 1,
    name: "@ganymede/training",
    losses: [nonSaturating, hinge, wasserstein, leastSquares, relativistic, relativisticAverage],
    discriminatorTerms,
    generatorTerms,
    augmentations: [diffAugment, adaptiveAugment],
    loggers: [csv, tensorboard, trackio],
    optimizers: [adam, adamW, rmsProp, lion],
    schedules,
  });

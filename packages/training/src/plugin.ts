import { definePlugin } from "@ganymede/core";
import { adaptiveAugment } from "./augment/ada/ada.js";
import { diffAugment } from "./augment/diffaugment.js";
import { hinge } from "./losses/hinge.js";
import { leastSquares } from "./losses/least-squares.js";
import { nonSaturating } from "./losses/non-saturating.js";
import { relativistic, relativisticAverage } from "./losses/relativistic.js";
import { wasserstein } from "./losses/wasserstein.js";

/** The losses and augmentations that core carries, as a plugin. */
export const trainingPlugin = () =>
  definePlugin({
    apiVersion: 1,
    name: "@ganymede/core",
    losses: [nonSaturating, hinge, wasserstein, leastSquares, relativistic, relativisticAverage],
    augmentations: [diffAugment(), adaptiveAugment()],
  });

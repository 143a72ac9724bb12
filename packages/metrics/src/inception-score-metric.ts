import type { Metric } from "@ganymede/core";
import type { Detector } from "./detector/detector.js";
import { logitCount } from "./detector/inception-table.js";
import { inceptionScoreOf } from "./inception-score.js";
import {
  appendFeatures,
  type FeatureList,
  featureRows,
  loadFeatureList,
  saveFeatureList,
  startFeatureList,
} from "./statistics/feature-list.js";

export interface InceptionScoreOptions {
  readonly detector: Detector;
  /** Consecutive parts of the images; 10 in the paper. */
  readonly splits?: number;
}

/**
 * Inception Score of the generated images over 10 consecutive splits, from logits without the classifier's bias, as the original
 * code has it; id `is`. The real images take no part.
 *
 * Source: Salimans et al. 2016, arXiv 1606.03498, section 4.
 */
export function inceptionScore({ detector, splits = 10 }: InceptionScoreOptions): Metric<FeatureList> {
  const id = splits === 10 ? "is" : `is-${splits}splits`;
  const statisticsId = `${id} of ${detector.id}`;
  return {
    id,
    source: "https://arxiv.org/abs/1606.03498",
    better: "larger",
    start: () => startFeatureList(logitCount),
    add: async (state, images, shape) => appendFeatures(state, await detector.logits(images, shape)),
    finish: (_, generated) => {
      const { mean, deviation } = inceptionScoreOf(featureRows(generated), logitCount, splits);
      return { id, value: mean, details: { deviation, splits, generatedImages: generated.count } };
    },
    save: (state) => saveFeatureList(state, statisticsId),
    load: (bytes) => loadFeatureList(bytes, statisticsId, logitCount),
  };
}

import { expectPixels, type Metric } from "@ganymede/core";
import type { Detector } from "./detector/detector.js";
import type { FeatureSize } from "./detector/inception-table.js";
import { frechetDistance } from "./frechet-distance.js";
import {
  addFeatures,
  type FeatureStatistics,
  moments,
  startFeatureStatistics,
} from "./statistics/feature-statistics.js";
import { loadFeatureStatistics, saveFeatureStatistics } from "./statistics/saved-statistics.js";

/** The features that FID compares. */
export interface FidOptions {
  readonly detector: Detector;
  /** Only 2048 compares with published values; the smaller sizes are pytorch-fid's `--dims`. */
  readonly dims: FeatureSize;
}

/**
 * Frechet Inception Distance on features of `dims` values, pytorch-fid's preprocessing; id `fid-2048` and so on. The number of
 * images biases it, so it is part of the result.
 *
 * Source: Heusel et al. 2017, arXiv 1706.08500, equation 6.
 */
export function fid({ detector, dims }: FidOptions): Metric<FeatureStatistics> {
  const id = `fid-${dims}`;
  const statisticsId = `${id} of ${detector.id}`;
  return {
    id,
    source: "https://arxiv.org/abs/1706.08500",
    better: "smaller",
    start: () => startFeatureStatistics(dims),
    async add(state, images, shape) {
      expectPixels(images, shape, id);
      addFeatures(state, await detector.features(images, shape, dims));
    },
    finish: (real, generated) => ({
      id,
      value: frechetDistance(moments(real), moments(generated)),
      details: { realImages: real.count, generatedImages: generated.count },
    }),
    save: (state) => saveFeatureStatistics(state, statisticsId),
    load: (bytes) => loadFeatureStatistics(bytes, statisticsId, dims),
  };
}

import { type Extractor, expectPixels, type Metric } from "@ganymede/core";
import { featureMetricId } from "./feature-list-metric.js";
import { frechetDistance } from "./frechet-distance.js";
import {
  addFeatures,
  type FeatureStatistics,
  moments,
  startFeatureStatistics,
} from "./statistics/feature-statistics.js";
import { loadFeatureStatistics, saveFeatureStatistics } from "./statistics/saved-statistics.js";

/** The features of FID. */
export interface FidOptions {
  readonly extractor: Extractor;
  /** Width of the features. With the Inception network only 2048 is comparable with published values; smaller ones are pytorch-fid's `--dims`. */
  readonly dims: number;
  /** Name of the network in the id: `fid-<network>-<dims>`. Default: none, for the FID Inception network. */
  readonly network?: string;
}

/**
 * Frechet Inception Distance on features of width `dims`; id `fid-2048` and so on. It is biased by the number of
 * images, which is therefore part of the result.
 *
 * Source: Heusel et al. 2017, arXiv 1706.08500, equation 6.
 */
export function fid({ extractor, dims, network }: FidOptions): Metric<FeatureStatistics> {
  const id = featureMetricId("fid", dims, network);
  const statisticsId = `${id} of ${extractor.id}`;
  return {
    id,
    source: "https://arxiv.org/abs/1706.08500",
    better: "smaller",
    extractor: extractor.id,
    start: () => startFeatureStatistics(dims),
    async add(state, images, shape) {
      expectPixels(images, shape, id);
      addFeatures(state, await extractor.features(images, shape, dims));
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

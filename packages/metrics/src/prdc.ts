import type { Metric } from "@ganymede/core";
import type { FeatureListMetricOptions } from "./feature-list-metric.js";
import { featureListMetric } from "./feature-list-metric.js";
import { densityCoverage } from "./precision-recall.js";
import type { FeatureList } from "./statistics/feature-list.js";

/** The features and neighbours of precision, recall, density and coverage. */
export interface PrdcOptions extends FeatureListMetricOptions {
  /** Which neighbour a ball reaches to; 5 where left out. */
  readonly neighbour?: number;
}

/**
 * Precision, recall, density and coverage on features of `dims` values; id `prdc-2048` and so on. The value is the coverage, which is in
 * [0, 1] and reads as variety that is also true to the data; all four are details. Time grows with the square of the images:
 * a few thousand are enough.
 *
 * Source: Naeem et al. 2020, arXiv 2002.09797, equations 3 to 6.
 */
export function prdc({ neighbour = 5, ...options }: PrdcOptions): Metric<FeatureList> {
  return featureListMetric(options, {
    name: "prdc",
    source: "https://arxiv.org/abs/2002.09797",
    better: "larger",
    compare(real, generated) {
      const all = densityCoverage(real, generated, neighbour);
      return { value: all.coverage, details: { ...all } };
    },
  });
}

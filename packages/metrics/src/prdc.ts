import type { Metric } from "@ganymede/core";
import type { FeatureListMetricOptions } from "./feature-list-metric.js";
import { featureListMetric } from "./feature-list-metric.js";
import { densityCoverage } from "./precision-recall.js";
import type { FeatureList } from "./statistics/feature-list.js";

/** Features and neighbours of precision, recall, density and coverage. */
export interface PrdcOptions extends FeatureListMetricOptions {
  /** Index k of the nearest neighbour that sets the radius. Default: 5. */
  readonly neighbour?: number;
}

/**
 * Precision, recall, density and coverage on features of width `dims`; id `prdc-2048` and so on. The value is the coverage, in
 * [0, 1], which measures both diversity and fidelity; all four are in the details. Time is quadratic in the number of images:
 * a few thousand suffice.
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

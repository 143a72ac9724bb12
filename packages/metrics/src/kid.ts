import type { Metric } from "@ganymede/core";
import type { FeatureListMetricOptions } from "./feature-list-metric.js";
import { featureListMetric } from "./feature-list-metric.js";
import { kernelDistance } from "./kernel-distance.js";
import type { FeatureList } from "./statistics/feature-list.js";

/** The features and random subsets of KID. */
export interface KidOptions extends FeatureListMetricOptions {
  /** Rounds; 100 where left out, as in torch-fidelity. */
  readonly subsets?: number;
  /** Images of each side in a round; 1000 where left out, or all where there are fewer. */
  readonly subsetSize?: number;
}

/**
 * Kernel Inception Distance on features of `dims` values: the cubic kernel's unbiased squared discrepancy, mean over random subsets;
 * id `kid-2048` and so on. Unlike FID it has no bias from the number of images, and it may be slightly negative.
 *
 * Source: Binkowski et al. 2018, arXiv 1801.01401, section 4; subsets as in torch-fidelity, seed 2020.
 */
export function kid({ subsets = 100, subsetSize = 1000, ...options }: KidOptions): Metric<FeatureList> {
  return featureListMetric(options, {
    name: "kid",
    source: "https://arxiv.org/abs/1801.01401",
    better: "smaller",
    compare(real, generated) {
      const [n, m] = [generated, real].map(({ values, dims: width }) => values.length / width) as [number, number];
      const size = Math.min(subsetSize, n, m);
      // Subsets that are both sets whole are all the same.
      const rounds = size === n && size === m ? 1 : subsets;
      const { mean, deviation } = kernelDistance(generated, real, { subsets: rounds, subsetSize: size, seed: 2020 });
      return { value: mean, details: { deviation, subsets: rounds, subsetSize: size } };
    },
  });
}

import type { Metric } from "@ganymede/core";
import type { FeatureListMetricOptions } from "./feature-list-metric.js";
import { featureListMetric } from "./feature-list-metric.js";
import { kernelDistance } from "./kernel-distance.js";
import type { FeatureList } from "./statistics/feature-list.js";

/** Features and random subsets of KID. */
export interface KidOptions extends FeatureListMetricOptions {
  /** Number of subsets. Default: 100, as in torch-fidelity. */
  readonly subsets?: number;
  /** Images per side in a subset. Default: 1000, or all if there are fewer. */
  readonly subsetSize?: number;
}

/**
 * Kernel Inception Distance on features of width `dims`: the unbiased squared discrepancy of the cubic kernel, averaged over random subsets;
 * id `kid-2048` and so on. Unlike FID it is not biased by the number of images, and it may be slightly negative.
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
      // If each subset is the whole set, all are equal.
      const rounds = size === n && size === m ? 1 : subsets;
      const { mean, deviation } = kernelDistance(generated, real, { subsets: rounds, subsetSize: size, seed: 2020 });
      return { value: mean, details: { deviation, subsets: rounds, subsetSize: size } };
    },
  });
}

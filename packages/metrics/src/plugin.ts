import { definePlugin, type Plugin } from "@ganymede/core";
import type { Detector } from "./detector/detector.js";
import { fid } from "./fid.js";
import { inceptionScore } from "./inception-score-metric.js";
import { kid } from "./kid.js";
import { prdc } from "./prdc.js";
import { slicedWasserstein } from "./sliced-wasserstein/sliced-wasserstein.js";

export interface MetricsPluginOptions {
  /** Weights of the Inception network; without them only the metrics that need none are there. */
  readonly detector?: Detector;
}

/**
 * The sliced Wasserstein distance, and with a detector one FID for each of its feature sizes, KID and PRDC on its largest
 * features, and the Inception Score, shuffled and consecutive.
 */
export function metrics({ detector }: MetricsPluginOptions = {}): Plugin {
  const ofDetector =
    detector === undefined
      ? []
      : [
          ...detector.dims.map((dims) => fid({ detector, dims })),
          ...detector.dims.slice(-1).flatMap((dims) => [kid({ detector, dims }), prdc({ detector, dims })]),
          ...(detector.hasLogits ? [inceptionScore({ detector }), inceptionScore({ detector, shuffle: false })] : []),
        ];
  return definePlugin({ apiVersion: 1, name: "@ganymede/metrics", metrics: [slicedWasserstein(), ...ofDetector] });
}

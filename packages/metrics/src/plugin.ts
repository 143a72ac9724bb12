import { definePlugin, GanymedeError, type Metric, type Plugin } from "@ganymede/core";
import type { Detector } from "./detector/detector.js";
import { featureSizes } from "./detector/inception-table.js";
import { fid } from "./fid.js";
import { inceptionScore } from "./inception-score-metric.js";
import { kid } from "./kid.js";
import { prdc } from "./prdc.js";
import { slicedWasserstein } from "./sliced-wasserstein/sliced-wasserstein.js";

/** What the plugin of metrics has to compute features with. */
export interface MetricsPluginOptions {
  /** Weights of the Inception network; without them only the metrics that need none are there. */
  readonly detector?: Detector;
}

/** What a detector's weights make possible. */
export type DetectorKind = Pick<Detector, "dims" | "hasLogits">;

/** Metrics of a detector. */
function detectorMetrics(detector: Detector): NonNullable<Plugin["metrics"]> {
  const { dims: sizes, hasLogits } = detector;
  return [
    ...sizes.map((dims) => fid({ detector, dims })),
    ...sizes.slice(-1).flatMap((dims) => [kid({ detector, dims }), prdc({ detector, dims })]),
    ...(hasLogits ? [inceptionScore({ detector }), inceptionScore({ detector, shuffle: false })] : []),
  ];
}

/**
 * The metrics that an Inception network makes possible, to be listed where none is loaded.
 *
 * @param kind of the weights. Default: the complete ones.
 */
export function describeDetectorMetrics(
  kind: DetectorKind = { dims: featureSizes, hasLogits: true },
): readonly Pick<Metric, "id" | "source" | "better">[] {
  const refuse = () =>
    Promise.reject(new GanymedeError("unavailable", "metrics: no Inception network is loaded; name its weights"));
  const detector: Detector = { id: "none", ...kind, features: refuse, logits: refuse, dispose: () => undefined };
  return detectorMetrics(detector).map(({ id, source, better }) => ({ id, source, better }));
}

/**
 * The sliced Wasserstein distance, and with a detector one FID for each of its feature sizes, KID and PRDC on its largest
 * features, and the Inception Score, shuffled and consecutive.
 */
export function metrics({ detector }: MetricsPluginOptions = {}): Plugin {
  const ofDetector = detector === undefined ? [] : detectorMetrics(detector);
  return definePlugin({ apiVersion: 1, name: "@ganymede/metrics", metrics: [slicedWasserstein(), ...ofDetector] });
}

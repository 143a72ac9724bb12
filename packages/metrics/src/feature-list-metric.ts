import { expectPixels, type Metric, type MetricResult } from "@ganymede/core";
import type { Detector } from "./detector/detector.js";
import type { FeatureSize } from "./detector/inception-table.js";
import type { Rows } from "./kernel-distance.js";
import {
  appendFeatures,
  type FeatureList,
  featureRows,
  loadFeatureList,
  saveFeatureList,
  startFeatureList,
} from "./statistics/feature-list.js";

/** The features that a metric compares. */
export interface FeatureListMetricOptions {
  readonly detector: Detector;
  readonly dims: FeatureSize;
}

export interface FeatureComparison extends Pick<Metric, "source" | "better"> {
  /** Beginning of the id, as `kid` of `kid-2048`. */
  readonly name: string;
  compare(real: Rows, generated: Rows): Pick<MetricResult, "value" | "details">;
}

/** A metric that compares the features of all images with one another; id `<name>-<dims>`. Features are kept: 4 dims bytes an image. */
export function featureListMetric(
  { detector, dims }: FeatureListMetricOptions,
  { name, source, better, compare }: FeatureComparison,
): Metric<FeatureList> {
  const id = `${name}-${dims}`;
  const statisticsId = `features-${dims} of ${detector.id}`;
  return {
    id,
    source,
    better,
    start: () => startFeatureList(dims),
    async add(state, images, shape) {
      expectPixels(images, shape, id);
      appendFeatures(state, await detector.features(images, shape, dims));
    },
    finish(real, generated) {
      const { value, details } = compare({ values: featureRows(real), dims }, { values: featureRows(generated), dims });
      return { id, value, details: { ...details, realImages: real.count, generatedImages: generated.count } };
    },
    save: (state) => saveFeatureList(state, statisticsId),
    load: (bytes) => loadFeatureList(bytes, statisticsId, dims),
  };
}

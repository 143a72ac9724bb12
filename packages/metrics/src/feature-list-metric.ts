import { type Extractor, expectPixels, type Metric, type MetricResult } from "@ganymede/core";
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
  readonly extractor: Extractor;
  readonly dims: number;
  /** Name of the network in the id: `<name>-<network>-<dims>`. Default: none, for the FID Inception network. */
  readonly network?: string;
}

export interface FeatureComparison extends Pick<Metric, "source" | "better"> {
  /** Start of the id, such as `kid` of `kid-2048`. */
  readonly name: string;
  compare(real: Rows, generated: Rows): Pick<MetricResult, "value" | "details">;
}

/** Id of a metric on features: `fid-2048`, or `fid-<network>-512` for a network other than the FID Inception network. */
export const featureMetricId = (name: string, dims: number, network: string | undefined): string =>
  [name, network, dims].filter((part) => part !== undefined).join("-");

/** A metric that compares the features of all images; id `<name>-<dims>`. It stores the features: 4 dims bytes per image. */
export function featureListMetric(
  { extractor, dims, network }: FeatureListMetricOptions,
  { name, source, better, compare }: FeatureComparison,
): Metric<FeatureList> {
  const id = featureMetricId(name, dims, network);
  const statisticsId = `features-${dims} of ${extractor.id}`;
  return {
    id,
    source,
    better,
    extractor: extractor.id,
    start: () => startFeatureList(dims),
    async add(state, images, shape) {
      expectPixels(images, shape, id);
      appendFeatures(state, await extractor.features(images, shape, dims));
    },
    finish(real, generated) {
      const { value, details } = compare({ values: featureRows(real), dims }, { values: featureRows(generated), dims });
      return { id, value, details: { ...details, realImages: real.count, generatedImages: generated.count } };
    },
    save: (state) => saveFeatureList(state, statisticsId),
    load: (bytes) => loadFeatureList(bytes, statisticsId, dims),
  };
}

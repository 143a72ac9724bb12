import type { Dataset } from "@ganymede/core";
import { fold, key } from "@ganymede/core";
import type { AnyMetric, MeasureContext, Measured } from "../evaluate/measure.js";
import { accumulate } from "../evaluate/measure.js";
import type { Sampler } from "../sample/generate.js";
import { generateImages } from "../sample/generate.js";
import type { RealStatistics } from "./real-statistics.js";
import { realStatistics } from "./real-statistics.js";

export interface MeasureSamplerOptions {
  readonly metric: AnyMetric;
  readonly sampler: Sampler;
  readonly dataset: Dataset;
  /** Images per side. */
  readonly count: number;
  readonly seed: number;
  /** Returns the statistics of the real images. Default: computed or read from the cache. */
  readonly real?: (metric: AnyMetric) => Promise<RealStatistics>;
}

/** Compares `count` samples with as many real images; fewer if the dataset is smaller. */
export async function measureSampler(options: MeasureSamplerOptions, context: MeasureContext): Promise<Measured> {
  const { metric, sampler, dataset, count } = options;
  const real = (await options.real?.(metric)) ?? (await realStatistics(metric, dataset, count, context));
  const images = generateImages(sampler, { key: fold(key(options.seed), "evaluation"), count, batch: 16 });
  const { imageShape } = sampler.model;
  const generated = await accumulate(metric, images, imageShape, "samples", count, context);
  const sizes = { real: dataset.imageShape, generated: imageShape };
  return { result: metric.finish(real.state, generated), cached: real.cached, sizes };
}

import type { Draw } from "./picture.js";
import { drawImages, drawSources } from "./sources.js";

/** A grid of samples. */
export const gridOfSamples: Draw = async (sampler, options, count) => ({
  images: await drawImages(sampler.sample, drawSources(sampler.model, options, 0, count)),
});

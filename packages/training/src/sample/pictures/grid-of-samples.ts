import type { Draw } from "./picture.js";
import { drawImages, drawSources } from "./sources.js";

/** Samples beside each other. */
export const gridOfSamples: Draw = async (sampler, options, count) => ({
  images: await drawImages(sampler.sample, drawSources(sampler.model, options, 0, count)),
});

import { GanymedeError } from "@ganymede/core";
import type { Draw } from "./picture.js";
import { drawImages, drawSources } from "./sources.js";

/** One row per class; all images of a column share their latent. */
export const classGrid: Draw = async (sampler, options, count) => {
  const { classes } = sampler.model;
  if (classes === undefined) {
    throw new GanymedeError(
      "unsupported",
      "`classGrid`: the model must have classes, but it has none; remove it or train with `set` classes=... where the family has the setting",
    );
  }
  const { values } = drawSources(sampler.model, options, 0, count);
  const repeated = new Float32Array(classes * values.length);
  for (let row = 0; row < classes; row++) repeated.set(values, row * values.length);
  const labels = Int32Array.from({ length: classes * count }, (_, i) => Math.floor(i / count));
  const images = await drawImages(sampler.sample, { values: repeated, count: labels.length, labels });
  return { images, columns: count };
};

import { GanymedeError } from "@ganymede/core";
import type { Path } from "../latents.js";
import { interpolate } from "../latents.js";
import type { LoadedSampler } from "../load-sampler.js";
import type { Draw } from "./picture.js";
import type { Sources } from "./sources.js";
import { drawImages, drawSources, drawStyles } from "./sources.js";

export interface InterpolationOptions {
  /** Images from one end to the other, both included. */
  readonly steps: number;
  /** Space of the interpolation: latents z or styles w. */
  readonly space: "z" | "w";
  /** Default: spherical in z, linear in w. */
  readonly path: Path | undefined;
}

/** Interpolates between rows 0 and 1, 2 and 3, and so on; a strip has the class of its first end. */
function between(ends: Sources, steps: number, path: Path): Sources {
  const rows = ends.count / 2;
  const width = ends.values.length / ends.count;
  const values = new Float32Array(rows * steps * width);
  for (let row = 0; row < rows; row++) {
    const a = ends.values.subarray(2 * row * width, (2 * row + 1) * width);
    const b = ends.values.subarray((2 * row + 1) * width, (2 * row + 2) * width);
    values.set(interpolate(a, b, steps, path), row * steps * width);
  }
  const { labels } = ends;
  const classes =
    labels && Int32Array.from({ length: rows * steps }, (_, i) => labels[2 * Math.floor(i / steps)] as number);
  return { values, count: rows * steps, ...(classes && { labels: classes }) };
}

/** @throws GanymedeError `unsupported` for a model without styles. */
async function inStyles(sampler: LoadedSampler, z: Sources, options: InterpolationOptions): Promise<Uint8Array> {
  const { styles } = sampler;
  if (styles === undefined) {
    throw new GanymedeError(
      "unsupported",
      "`space`: interpolation in w needs a model with styles w, but this one has none; use `space: 'z'`",
    );
  }
  // Both ends get the same class, or the class would change along the strip.
  const classed = { ...z, ...(z.labels && { labels: z.labels.map((_, i, all) => all[i - (i % 2)] as number) }) };
  const ends = await drawStyles(styles.mapping, classed);
  return drawImages(styles.synthesis, between(ends, options.steps, options.path ?? "linear"));
}

/** Interpolations between pairs of images, one strip per pair. */
export function interpolation(options: InterpolationOptions): Draw {
  return async (sampler, from, count) => {
    const z = drawSources(sampler.model, from, 0, 2 * count);
    const images =
      options.space === "w"
        ? await inStyles(sampler, z, options)
        : await drawImages(sampler.sample, between(z, options.steps, options.path ?? "spherical"));
    return { images, columns: options.steps };
  };
}

import type { LoadedSampler } from "../load-sampler.js";
import { meanStyle, stylesFor, towards } from "../truncate-styles.js";
import type { Draw } from "./picture.js";
import type { Sources } from "./sources.js";
import { drawImages, drawSources, drawStyles } from "./sources.js";

/** Every row of styles at every psi, row by row. */
function swept(w: Sources, mean: Float64Array, psis: readonly number[]): Sources {
  const width = mean.length;
  const values = new Float32Array(w.count * psis.length * width);
  for (let row = 0; row < w.count; row++) {
    const own = w.values.subarray(row * width, (row + 1) * width);
    for (const [at, psi] of psis.entries()) values.set(towards(own, mean, psi), (row * psis.length + at) * width);
  }
  const { labels } = w;
  const count = w.count * psis.length;
  const classes = labels && Int32Array.from({ length: count }, (_, i) => labels[Math.floor(i / psis.length)] as number);
  return { values, count, ...(classes && { labels: classes }) };
}

/** One row per image, one column per truncation psi. */
export function psiSweep(psis: readonly number[]): Draw {
  return async (sampler: LoadedSampler, options, count) => {
    const styles = stylesFor(sampler, "`psiSweep`", "use `truncation`, which bounds z");
    const mean = await meanStyle(sampler.model, styles.mapping);
    const w = await drawStyles(styles.mapping, drawSources(sampler.model, options, 0, count));
    return { images: await drawImages(styles.synthesis, swept(w, mean, psis)), columns: psis.length };
  };
}

import type { AdversarialModel } from "@ganymede/core";
import { fold, GanymedeError, key } from "@ganymede/core";
import { drawLabels, drawLatents } from "./latents.js";
import type { LoadedSampler, OnRows, StyleRows } from "./load-sampler.js";

/** Batches of latents whose mean style is computed. */
const meanOf = { batches: 16, batch: 256 } as const;

/** Mean of w, or of the styles of all layers, over 4096 latents that are the same in every call. */
export async function meanStyle({ latentSize, classes }: AdversarialModel, mapping: OnRows): Promise<Float64Array> {
  const { batches, batch } = meanOf;
  const from = fold(key(0), "mean style");
  let sum = new Float64Array(0);
  for (let i = 0; i < batches; i++) {
    const z = drawLatents(from, i * batch, batch, latentSize);
    const labels = classes === undefined ? undefined : drawLabels(from, i * batch, batch, classes);
    const w = await mapping(z, batch, labels);
    const width = w.length / batch;
    if (sum.length === 0) sum = new Float64Array(width);
    for (const [at, value] of w.entries()) sum[at % width] = (sum[at % width] as number) + value;
  }
  return sum.map((value) => value / (batches * batch));
}

/** Truncates styles towards their mean m: w' = m + psi (w - m). */
export function towards(w: Float32Array, mean: Float64Array, psi: number): Float32Array {
  return w.map((value, at) => {
    const middle = mean[at % mean.length] as number;
    return middle + psi * (value - middle);
  });
}

/**
 * Mapping and synthesis of a model.
 *
 * @param instead alternative named in the error.
 * @throws GanymedeError `unsupported` for a model without styles.
 */
export function stylesFor(sampler: LoadedSampler, who: string, instead: string): NonNullable<LoadedSampler["styles"]> {
  if (sampler.styles !== undefined) return sampler.styles;
  throw new GanymedeError("unsupported", `${who}: the model must have styles w, but it has none; ${instead}`);
}

async function truncated<Rows extends StyleRows>(model: AdversarialModel, rows: Rows, psi: number): Promise<Rows> {
  const mean = await meanStyle(model, rows.mapping);
  return { ...rows, mapping: async (z, count, labels) => towards(await rows.mapping(z, count, labels), mean, psi) };
}

/**
 * A sampler that truncates styles towards their mean: w' = m + psi (w - m). psi = 1 changes nothing; at 0 every image is that of the mean.
 *
 * Source: Karras et al. 2019, StyleGAN, arXiv 1812.04948, appendix B.
 * @throws GanymedeError `unsupported` for a model without styles.
 */
export async function truncateStyles(sampler: LoadedSampler, psi: number): Promise<LoadedSampler> {
  const { model } = sampler;
  const styles = stylesFor(sampler, "`psi`", "use `truncation`, which bounds z");
  const { mapping, synthesis } = await truncated(model, styles, psi);
  const layers = styles.layers && (await truncated(model, styles.layers, psi));
  return {
    ...sampler,
    styles: { mapping, synthesis, ...(layers && { layers }) },
    sample: async (z, count, labels) => synthesis(await mapping(z, count, labels), count, labels),
  };
}

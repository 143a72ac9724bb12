import { fold, GanymedeError, key } from "@ganymede/core";
import type { Sampler } from "./generate.js";
import { drawLabels, drawLatents } from "./latents.js";
import type { LoadedSampler } from "./load-sampler.js";

/** Latents whose styles are averaged, so many at a time. */
const meanOf = { batches: 16, batch: 256 } as const;

/** Mean of w over 4096 latents that are the same for every call. */
async function meanStyle({ styles, model }: LoadedSampler): Promise<Float64Array> {
  const { batches, batch } = meanOf;
  const { latentSize, classes } = model;
  const from = fold(key(0), "mean style");
  let sum = new Float64Array(0);
  for (let i = 0; i < batches; i++) {
    const z = drawLatents(from, i * batch, batch, latentSize);
    const labels = classes === undefined ? undefined : drawLabels(from, i * batch, batch, classes);
    const w = await (styles as NonNullable<typeof styles>).of(z, batch, labels);
    const width = w.length / batch;
    if (sum.length === 0) sum = new Float64Array(width);
    for (const [at, value] of w.entries()) sum[at % width] = (sum[at % width] as number) + value;
  }
  return sum.map((value) => value / (batches * batch));
}

/**
 * A sampler that draws styles towards their mean: w' = m + psi (w - m). At 1 it changes nothing, at 0 every image is the mean's.
 *
 * Source: Karras et al. 2019, StyleGAN, arXiv 1812.04948, appendix B.
 * @throws GanymedeError `unsupported` for a model without styles.
 */
export async function truncateStyles(sampler: LoadedSampler, psi: number): Promise<Sampler> {
  const { model, styles } = sampler;
  if (styles === undefined) {
    throw new GanymedeError(
      "unsupported",
      "--psi: the model must have styles w, but it has none; use --truncation, which bounds z",
    );
  }
  const mean = await meanStyle(sampler);
  return {
    model,
    async sample(z, count, labels) {
      const w = await styles.of(z, count, labels);
      const drawn = w.map((value, at) => {
        const middle = mean[at % mean.length] as number;
        return middle + psi * (value - middle);
      });
      return styles.draw(drawn, count, labels);
    },
  };
}

import { GanymedeError } from "@ganymede/core";
import { stylesFor } from "../truncate-styles.js";
import type { Draw } from "./picture.js";
import type { Sources } from "./sources.js";
import { drawImages, drawSources, drawStyles, joinBytes, pickRows } from "./sources.js";

/** Rows of `coarse` with their values from `cut` on replaced by those of the same row of `fine`. */
function spliced(coarse: Sources, fine: Sources, cut: number): Sources {
  const width = coarse.values.length / coarse.count;
  const values = coarse.values.map((value, i) => (i % width < cut ? value : (fine.values[i] as number)));
  return { ...coarse, values };
}

/** Images of `n` sources, `n` destinations and all their mixtures, as one square grid with a black corner. */
async function mixingGrid(draw: (rows: Sources) => Promise<Uint8Array>, all: Sources, n: number, cut: number) {
  const sources = Array.from({ length: n }, (_, i) => i);
  const destinations = sources.map((i) => n + i);
  const coarse = destinations.flatMap((row) => sources.map(() => row));
  const fine = destinations.flatMap(() => sources);
  const own = await draw(all);
  const mixed = await draw(spliced(pickRows(all, coarse), pickRows(all, fine), cut));
  const bytes = own.length / (2 * n);
  const image = (from: Uint8Array, i: number) => from.subarray(i * bytes, (i + 1) * bytes);
  const rows = destinations.flatMap((at, row) => [image(own, at), ...sources.map((i) => image(mixed, row * n + i))]);
  return joinBytes([new Uint8Array(bytes), ...sources.map((i) => image(own, i)), ...rows]);
}

/**
 * StyleGAN's mixing grid: sources in the first row, destinations in the first column. Each image inside has the destination's styles in
 * the layers before `from` and the source's styles in the others.
 *
 * @param from number of layers with the destination's styles. Default: half of them.
 * Source: Karras et al. 2019, StyleGAN, arXiv 1812.04948, section 3.1 and figure 3.
 */
export function styleMixing(from: number | undefined): Draw {
  return async (sampler, options, count) => {
    const { layers } = stylesFor(sampler, "`styleMixing`", "use `interpolation`");
    if (layers === undefined) {
      throw new GanymedeError(
        "unsupported",
        "`styleMixing`: each layer must have its own style, but this model has one w for all layers; use `interpolation` with `space: 'w'`",
      );
    }
    const first = from ?? Math.floor(layers.count / 2);
    if (first >= layers.count) {
      throw new GanymedeError(
        "invalid-argument",
        `\`from\`: it must be from 1 to ${layers.count - 1}, for a model of ${layers.count} layers, got ${first}`,
      );
    }
    const all = await drawStyles(layers.mapping, drawSources(sampler.model, options, 0, 2 * count));
    const width = all.values.length / all.count / layers.count;
    const images = await mixingGrid((rows) => drawImages(layers.synthesis, rows), all, count, first * width);
    return { images, columns: count + 1 };
  };
}

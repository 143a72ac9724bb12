import { GanymedeError } from "@ganymede/core";
import { stylesFor } from "../truncate-styles.js";
import type { Draw } from "./picture.js";
import type { Sources } from "./sources.js";
import { drawImages, drawSources, drawStyles, joinBytes, pickRows } from "./sources.js";

/** The first of two rows, then the first with each part replaced by that of the second, then the second. */
function exchanged({ values }: Sources, parts: readonly (readonly [from: number, to: number])[]): Float32Array {
  const width = values.length / 2;
  const [a, b] = [values.subarray(0, width), values.subarray(width)];
  const out = new Float32Array((parts.length + 2) * width);
  out.set(a);
  for (const [index, [from, to]] of parts.entries()) {
    out.set(a, (index + 1) * width);
    out.set(b.subarray(from, to), (index + 1) * width + from);
  }
  out.set(b, (parts.length + 1) * width);
  return out;
}

/**
 * One row per pair of images: the first; the first with one component of the second, for each component and for the global part; then
 * the second.
 *
 * Source: Hudson and Zitnick 2021, GANsformer, arXiv 2103.01209, section 4.4, on what a component controls.
 */
export const componentMixing: Draw = async (sampler, options, count) => {
  const styles = stylesFor(sampler, "`componentMixing`", "use `interpolation`");
  const components = sampler.model.styles?.components;
  if (components === undefined) {
    throw new GanymedeError(
      "unsupported",
      "`componentMixing`: the model must have components of w, but it has none; use `interpolation`",
    );
  }
  const w = await drawStyles(styles.mapping, drawSources(sampler.model, options, 0, 2 * count));
  const width = w.values.length / w.count;
  const parts = Array.from(
    { length: components.count },
    (_, i) => [i * components.width, (i + 1) * components.width] as const,
  );
  const rest = components.count * components.width;
  const all = rest < width ? [...parts, [rest, width] as const] : parts;
  const columns = all.length + 2;
  const rows: Sources[] = Array.from({ length: count }, (_, row) => {
    const pair = pickRows(w, [2 * row, 2 * row + 1]);
    const labels = pair.labels && new Int32Array(columns).fill(pair.labels[0] as number);
    return { values: exchanged(pair, all), count: columns, ...(labels && { labels }) };
  });
  const images: Uint8Array[] = [];
  for (const row of rows) images.push(await drawImages(styles.synthesis, row));
  return { images: joinBytes(images), columns };
};

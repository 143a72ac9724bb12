import type { DiscriminatorConfig, GeneratorConfig } from "./config.js";

/** Sides of the maps that the generator's blocks give: 8, 16, .. */
export function generatorSides({ widths }: Pick<GeneratorConfig, "widths">): number[] {
  return widths.slice(1).map((_, index) => 8 * 2 ** index);
}

/** Sides of the maps that the discriminator's blocks give. */
export function discriminatorSides(
  { widths, halvings }: Pick<DiscriminatorConfig, "widths" | "halvings">,
  imageSize: number,
): number[] {
  return widths.map((_, index) => imageSize / 2 ** Math.min(index + 1, halvings));
}

/** Places, from 0, of the blocks after which attention stands: for each side the first block that gives it. */
export function attentionPlaces(sides: readonly number[], attentionAt: readonly number[]): number[] {
  return attentionAt.map((side) => sides.indexOf(side));
}

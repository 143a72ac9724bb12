import type { StageConfig } from "./config.js";

/** Stages that pixel shuffles double, the first of the given width; attention over the whole map. */
export function shuffled(width: number, depths: readonly number[]): StageConfig[] {
  return depths.map((depth, index) => ({
    width: width / 4 ** index,
    depth,
    enlarge: index === 0 ? "none" : "pixel-shuffle",
    window: null,
  }));
}

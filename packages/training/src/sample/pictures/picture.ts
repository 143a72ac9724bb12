import type { LoadedSampler } from "../load-sampler.js";
import type { SourceOptions } from "./sources.js";

/** Images `[count, H, W, C]` and the number of columns. Default: nearly square. */
export interface Picture {
  readonly images: Uint8Array;
  readonly columns?: number;
}

/** Draws a picture of `count` images or rows. */
export type Draw = (sampler: LoadedSampler, options: SourceOptions, count: number) => Promise<Picture>;

/** Mapping and synthesis of a model that has styles. */
export type Styles = NonNullable<LoadedSampler["styles"]>;

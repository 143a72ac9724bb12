import type { LoadedSampler } from "../load-sampler.js";
import type { SourceOptions } from "./sources.js";

/** Images `[count, H, W, C]` and how many stand in a row; nearly square where left out. */
export interface Picture {
  readonly images: Uint8Array;
  readonly columns?: number;
}

/** Makes a picture of so many images or rows. */
export type Draw = (sampler: LoadedSampler, options: SourceOptions, count: number) => Promise<Picture>;

/** The styles of a model that has some. */
export type Styles = NonNullable<LoadedSampler["styles"]>;

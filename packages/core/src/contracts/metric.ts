import type { AnyComponent, Ref } from "../component/component.js";
import type { Extractor, ExtractorUse } from "./extractor.js";

/** One number or a few with names, and what they were computed with. */
export interface MetricResult {
  /** States the protocol, as `fid-768` or `swd`. */
  readonly id: string;
  readonly value: number;
  /** How the number was made, where the id does not say all: preprocessing, order, splits. */
  readonly protocol?: string;
  /** Further numbers: a deviation, the counts of images. */
  readonly details: Readonly<Record<string, number>>;
}

/** Sums over one set of images, in float64. */
export interface MetricState {
  /** Images so far. */
  readonly count: number;
}

/** Compares a set of generated images with a set of real ones; images arrive in batches of uint8 `[B, H, W, C]`. */
export interface Metric<State extends MetricState = MetricState> {
  readonly id: string;
  readonly source: string;
  /** Smaller is better for a distance, larger for a score. */
  readonly better: "smaller" | "larger";
  /** Id of the extractor whose features it compares; statistics are cached under it. Absent without one. */
  readonly extractor?: string;
  start(): State;
  /** @throws GanymedeError `invalid-argument` for anything but uint8 pixels of that shape, see `expectPixels`. */
  add(state: State, images: Uint8Array, shape: readonly [number, number, number, number]): Promise<void>;
  finish(real: State, generated: State): MetricResult;
  /** Statistics as bytes, so that those of the real data can be cached. */
  save(state: State): Uint8Array;
  load(bytes: Uint8Array): State;
}

/** What a metric is made with. */
export interface MetricInputs {
  /** The extractor of a reference, such as `inception`; it is loaded once, and disposed of by whoever gives it. */
  extractor(ref: Ref): Promise<Extractor>;
  /** What an extractor still needs here, see `ExtractorComponent`. */
  extractorNeeds(ref: Ref, use: ExtractorUse): Promise<string | null>;
}

/** A metric as a plugin contributes it. */
export interface MetricComponent extends AnyComponent {
  readonly better: "smaller" | "larger";
  /** @throws GanymedeError `unsupported` where the extractor does not give what the metric reads. */
  create(settings: never, inputs: MetricInputs): Metric | Promise<Metric>;
  /** What is missing here, a noun phrase; null where nothing is. Default: null. */
  needs?(settings: never, inputs: MetricInputs): Promise<string | null>;
}

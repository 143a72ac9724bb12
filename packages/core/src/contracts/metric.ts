import type { AnyComponent, Ref } from "../component/component.js";
import type { Extractor, ExtractorUse } from "./extractor.js";

/** A value, with its details and how it was computed. */
export interface MetricResult {
  /** Identifies the protocol, such as `fid-768` or `swd`. */
  readonly id: string;
  readonly value: number;
  /** Details of the protocol that the id does not include: preprocessing, order, splits. */
  readonly protocol?: string;
  /** Further numbers, such as a standard deviation or the number of images. */
  readonly details: Readonly<Record<string, number>>;
}

/** Accumulated statistics of one set of images, in float64. */
export interface MetricState {
  /** Images so far. */
  readonly count: number;
}

/** Compares generated images with real ones; images arrive in batches of uint8 `[B, H, W, C]`. */
export interface Metric<State extends MetricState = MetricState> {
  readonly id: string;
  readonly source: string;
  /** Smaller is better for a distance, larger for a score. */
  readonly better: "smaller" | "larger";
  /** Id of the extractor, a cache key for statistics. Absent without one. */
  readonly extractor?: string;
  start(): State;
  /** @throws GanymedeError `invalid-argument` for anything but uint8 pixels of that shape, see `expectPixels`. */
  add(state: State, images: Uint8Array, shape: readonly [number, number, number, number]): Promise<void>;
  finish(real: State, generated: State): MetricResult;
  /** Serialises statistics, so that those of the real images can be cached. */
  save(state: State): Uint8Array;
  load(bytes: Uint8Array): State;
}

/** Inputs of a metric's factory. */
export interface MetricInputs {
  /** The extractor of a reference, such as `inception`; loaded once, and disposed by its provider. */
  extractor(ref: Ref): Promise<Extractor>;
  /** What an extractor still needs, see `ExtractorComponent`. */
  extractorNeeds(ref: Ref, use: ExtractorUse): Promise<string | null>;
}

/** A metric as a plugin provides it. */
export interface MetricComponent extends AnyComponent {
  readonly better: "smaller" | "larger";
  /** @throws GanymedeError `unsupported` if the extractor lacks what the metric uses. */
  create(settings: never, inputs: MetricInputs): Metric | Promise<Metric>;
  /** What is missing, as a noun phrase; null if nothing. Default: null. */
  needs?(settings: never, inputs: MetricInputs): Promise<string | null>;
}

import type { AnyComponent } from "../component/component.js";

/** Shape of the images of metrics: uint8, `[B, H, W, C]` with one or three channels. */
export type PixelShape = readonly [batch: number, height: number, width: number, channels: number];

/** A feature extractor with loaded weights. Its opener disposes it. */
export interface Extractor {
  /** Name of the network and its weights, a cache key for statistics: it changes whenever features may change. */
  readonly id: string;
  /** Preprocessing of the images, such as `bilinear to 299x299, 2x/255 - 1`. */
  readonly preprocessing: string;
  /** Available feature widths, in ascending order. */
  readonly dims: readonly number[];
  /**
   * Extracts features `[B, dims]`, row-major.
   *
   * @throws GanymedeError `invalid-argument` for anything but uint8 pixels of that shape, `unsupported` for a width not in `dims`.
   */
  features(images: Uint8Array, shape: PixelShape, dims: number): Promise<Float32Array>;
  /** Logits of a classifier on the features, for the Inception Score; absent without a classifier. */
  readonly logits?: {
    /** Number of classes. */
    readonly width: number;
    /** `[B, width]`, row-major, without the classifier's bias. */
    apply(images: Uint8Array, shape: PixelShape): Promise<Float32Array>;
  };
  dispose(): void;
}

/** Inputs of an extractor's factory. */
export interface ExtractorInputs {
  /** Base folder of paths in settings. */
  readonly cwd: string;
  readonly environment: Readonly<Record<string, string | undefined>>;
}

/** What a metric uses of an extractor. */
export type ExtractorUse = "features" | "logits";

/** A feature extractor as a plugin provides it. */
export interface ExtractorComponent extends AnyComponent {
  /**
   * Loads the weights on the current backend.
   *
   * @throws GanymedeError `missing-file` if weights are missing, `invalid-data` if they are invalid.
   */
  create(settings: never, inputs: ExtractorInputs): Promise<Extractor>;
  /** What is missing for this use, as a noun phrase such as `Inception weights: --inception`; null if nothing. Loads nothing. */
  needs?(settings: never, inputs: ExtractorInputs, use: ExtractorUse): Promise<string | null>;
}

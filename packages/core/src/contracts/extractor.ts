import type { AnyComponent } from "../component/component.js";

/** Images as metrics get them: uint8, `[B, H, W, C]` with one or three channels. */
export type PixelShape = readonly [batch: number, height: number, width: number, channels: number];

/** A network that turns images into features, with its weights loaded. Whoever opened it disposes of it. */
export interface Extractor {
  /** Name of the network and its weights; statistics are cached under it, so it changes whenever features may. */
  readonly id: string;
  /** How images become the network's input, such as `bilinear to 299x299, 2x/255 - 1`. */
  readonly preprocessing: string;
  /** Widths of the features that it can give, in ascending order. */
  readonly dims: readonly number[];
  /**
   * Features `[B, dims]` in rows.
   *
   * @throws GanymedeError `invalid-argument` for anything but uint8 pixels of that shape, `unsupported` for a width that is not in `dims`.
   */
  features(images: Uint8Array, shape: PixelShape, dims: number): Promise<Float32Array>;
  /** Logits of a classifier on the features, which the Inception Score needs; absent without one. */
  readonly logits?: {
    /** Classes. */
    readonly width: number;
    /** `[B, width]` in rows, without the classifier's bias. */
    apply(images: Uint8Array, shape: PixelShape): Promise<Float32Array>;
  };
  dispose(): void;
}

/** What an extractor is made with. */
export interface ExtractorInputs {
  /** Folder from which paths in settings start. */
  readonly cwd: string;
  readonly environment: Readonly<Record<string, string | undefined>>;
}

/** What a metric reads of an extractor. */
export type ExtractorUse = "features" | "logits";

/** A feature extractor as a plugin contributes it. */
export interface ExtractorComponent extends AnyComponent {
  /**
   * Loads the weights on the current backend.
   *
   * @throws GanymedeError `missing-file` where they are not here, `invalid-data` where they are something else.
   */
  create(settings: never, inputs: ExtractorInputs): Promise<Extractor>;
  /** What is missing here for such a use, a noun phrase such as `Inception weights: --inception`; null where nothing is. Loads nothing. */
  needs?(settings: never, inputs: ExtractorInputs, use: ExtractorUse): Promise<string | null>;
}

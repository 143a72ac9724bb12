/** Random access to the bytes of a file or object. */
export interface ByteSource {
  /** Name in errors, usually the file's name. */
  readonly name: string;
  readonly size: number;
  read(offset: number, length: number): Promise<Uint8Array>;
}

/** Decoded images, by index, without order or batches. */
export interface Dataset {
  /** Stable name that includes everything that affects the images: `fashion-mnist-train-32`. */
  readonly id: string;
  readonly length: number;
  /** `[H, W, C]`. */
  readonly imageShape: readonly [number, number, number];
  /** Reads uint8 pixels in [0, 255], `[indices.length, H, W, C]`. */
  read(indices: ArrayLike<number>): Promise<Uint8Array>;
  /** Class of each image, if the data has classes. */
  readonly labels?: Uint8Array | Uint16Array;
  readonly classNames?: readonly string[];
  /**
   * Changes whenever the pixels, number or order of images may have changed, and is cheaper than decoding them all; a cache key for
   * statistics. Without it all pixels are hashed.
   */
  fingerprint?(): Promise<string>;
  /** Messages for the user, such as which files were skipped and why. */
  readonly notes?: readonly string[];
  /** Frees workers and file handles. */
  close?(): Promise<void>;
}

/** Options for opening a dataset. */
export interface DatasetOptions {
  /** Side of the square images. Default: the data's own size. */
  readonly size?: number;
  /** 1 for grey, 3 for colour. Default: the data's own. */
  readonly channels?: 1 | 3;
  readonly split?: "train" | "test";
}

/** A dataset format of a plugin. */
export interface DatasetSource {
  readonly id: string;
  /** URL of the format's description. */
  readonly source: string;
  /** True if the path or spec holds data of this kind: a cheap check without decoding. */
  detect(place: string): Promise<boolean>;
  /** Opens a dataset path or spec, such as `scenes:64`. The caller closes it. */
  open(place: string, options: DatasetOptions): Promise<Dataset>;
}

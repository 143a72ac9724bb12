/** Random access to the bytes of one file or object; how they are reached is the caller's business. */
export interface ByteSource {
  /** Shown in errors, usually the file's name. */
  readonly name: string;
  readonly size: number;
  read(offset: number, length: number): Promise<Uint8Array>;
}

/** Decoded images, by index. Order and batches come from elsewhere. */
export interface Dataset {
  /** Stable name with what changes the images: `fashion-mnist-train-32`. */
  readonly id: string;
  readonly length: number;
  /** `[H, W, C]`. */
  readonly imageShape: readonly [number, number, number];
  /** uint8 pixels of the images, `[indices.length, H, W, C]`, 0 to 255. */
  read(indices: ArrayLike<number>): Promise<Uint8Array>;
  /** One class per image, where the data has classes. */
  readonly labels?: Uint8Array | Uint16Array;
  readonly classNames?: readonly string[];
  /**
   * Changes whenever the pixels of any image, their number or their order may have changed, and costs less than decoding them all:
   * statistics are cached under it. Without it all pixels are hashed.
   */
  fingerprint?(): Promise<string>;
  /** Sentences for people about what was found, such as what was left out and why. */
  readonly notes?: readonly string[];
  /** Frees workers and file handles. */
  close?(): Promise<void>;
}

/** How images are asked for. */
export interface DatasetOptions {
  /** Side of the square images; without it the data's own. */
  readonly size?: number;
  /** 1 for grey, 3 for colour; without it the data's own. */
  readonly channels?: 1 | 3;
  readonly split?: "train" | "test";
}

/** A kind of data that can be opened from a place, named by the plugin that contributes it. */
export interface DatasetSource {
  readonly id: string;
  /** Address of the format's description. */
  readonly source: string;
  /** True when the place holds data of this kind: a cheap look, no decoding. */
  detect(place: string): Promise<boolean>;
  /** Opens the data at a place (a folder, or a spec such as `scenes:64`). The caller closes it. */
  open(place: string, options: DatasetOptions): Promise<Dataset>;
}

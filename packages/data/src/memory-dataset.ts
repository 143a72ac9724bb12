import type { Dataset, DatasetOptions } from "@ganymede/core";
import { GanymedeError } from "@ganymede/core";
import { imageFitter } from "./fit-image.js";

/** Images in memory, in their own size. */
export interface MemoryImages {
  /** Start of the dataset's id: `fashion-mnist-train`. */
  readonly name: string;
  /** `[H, W, C]`. */
  readonly shape: readonly [number, number, number];
  /** uint8 `[length, H, W, C]`; kept, not copied. */
  readonly pixels: Uint8Array;
  readonly labels?: Uint8Array | Uint16Array;
  readonly classNames?: readonly string[];
}

/** @throws GanymedeError `invalid-argument` if `size` is not an integer from 1 to 4096. */
export function expectSize(size: number, who: string): void {
  if (!Number.isInteger(size) || size < 1 || size > 4096) {
    throw new GanymedeError("invalid-argument", `${who}: size must be a whole number from 1 to 4096, got ${size}`);
  }
}

/** @throws GanymedeError `invalid-argument` if the pixels or labels do not fit the shape. */
function countImages({ name, shape, pixels, labels }: MemoryImages): number {
  const length = pixels.length / (shape[0] * shape[1] * shape[2]);
  if (!Number.isInteger(length) || length < 1) {
    throw new GanymedeError(
      "invalid-argument",
      `${name}: pixels must be one or more whole images of ${shape.join(" x ")}, got ${pixels.length} values; check the shape`,
    );
  }
  if (labels !== undefined && labels.length !== length) {
    throw new GanymedeError(
      "invalid-argument",
      `${name}: there must be one label per image, got ${labels.length} labels for ${length} images`,
    );
  }
  return length;
}

/**
 * A dataset of images in memory, which are kept unchanged; another `size` is produced on reading by Pillow's bicubic resize
 * of the centre crop, other `channels` by repeating grey or taking luma.
 *
 * @throws GanymedeError `invalid-argument` if the pixels or labels do not fit the shape, or for a size out of range.
 */
export function memoryDataset(images: MemoryImages, options: DatasetOptions = {}): Dataset {
  const [height, width, own] = images.shape;
  const bytes = height * width * own;
  const length = countImages(images);
  const { size, channels = own } = options;
  if (size !== undefined) expectSize(size, images.name);
  const fit = imageFitter(images.shape, { size, channels, filter: "bicubic" });
  const shape = [size ?? height, size ?? width, channels] as const;
  const pixelsOut = shape[0] * shape[1] * channels;
  return {
    id: `${images.name}-${shape[0] === shape[1] ? shape[0] : `${shape[0]}x${shape[1]}`}-${channels === 1 ? "grey" : "colour"}`,
    length,
    imageShape: shape,
    ...(images.labels !== undefined && { labels: images.labels }),
    ...(images.classNames !== undefined && { classNames: images.classNames }),
    async read(indices) {
      const out = new Uint8Array(indices.length * pixelsOut);
      for (let k = 0; k < indices.length; k++) {
        const index = expectIndex(indices[k] as number, length, images.name);
        const image = images.pixels.subarray(index * bytes, (index + 1) * bytes);
        out.set(fit(image), k * pixelsOut);
      }
      return out;
    },
  };
}

/** @throws GanymedeError `invalid-argument` for an index outside the dataset. */
export function expectIndex(index: number, length: number, who: string): number {
  if (!Number.isInteger(index) || index < 0 || index >= length) {
    throw new GanymedeError("invalid-argument", `${who}: an index must be from 0 to ${length - 1}, got ${index}`);
  }
  return index;
}

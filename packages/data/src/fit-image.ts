import { convertChannels } from "./channels.js";
import type { ResizeFilter, Resizer } from "./resize.js";
import { squareResizer } from "./resize.js";

/** Target form of images. */
export interface ImageFit {
  /** Side of the square. Default: the image's own sides. */
  readonly size: number | undefined;
  readonly channels: number;
  readonly filter: ResizeFilter;
}

/**
 * Brings `[H, W, C]` images of one shape to `[size, size, channels]`. Colour becomes grey before the resize and grey becomes
 * colour after it, so that a third of the pixels is resized.
 */
export function imageFitter(shape: readonly [number, number, number], { size, channels, filter }: ImageFit): Resizer {
  const [height, width, own] = shape;
  const fewer = Math.min(own, channels);
  const resize = size === undefined ? null : squareResizer([height, width, fewer], size, filter);
  return (pixels) => {
    const small = convertChannels(pixels, own, fewer);
    return convertChannels(resize === null ? small : resize(small), fewer, channels);
  };
}

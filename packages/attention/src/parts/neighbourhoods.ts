import { GanymedeError } from "@ganymede/core";
import * as tf from "@tensorflow/tfjs-core";

/** Throws unless the side of a neighbourhood is odd, so that it has a middle. */
export function expectOdd(kernel: number, who: string): void {
  if (!(Number.isInteger(kernel) && kernel > 0 && kernel % 2 === 1)) {
    throw new GanymedeError("invalid-argument", `${who}: kernel must be an odd number of pixels, got ${kernel}`);
  }
}

/** The k x k pixels around each pixel, row by row: [B, H, W, C] -> [B, H, W, k k, C], with zeros beyond the border. */
export function neighbourhoods(map: tf.Tensor4D, kernel: number): tf.Tensor5D {
  const [batch, height, width, channels] = map.shape;
  const reach = (kernel - 1) / 2;
  const padded = tf.pad4d(map, [
    [0, 0],
    [reach, reach],
    [reach, reach],
    [0, 0],
  ]);
  const shifted = Array.from({ length: kernel ** 2 }, (_, place) => {
    const corner: [number, number, number, number] = [0, Math.floor(place / kernel), place % kernel, 0];
    return tf.slice4d(padded, corner, [batch, height, width, channels]);
  });
  return tf.stack(shifted, 3) as tf.Tensor5D;
}

/** The pixels of the k x k neighbourhood of a pixel, row by row; -1 for those beyond the border. */
export function neighboursOf(pixel: number, height: number, width: number, kernel: number): number[] {
  const reach = (kernel - 1) / 2;
  return Array.from({ length: kernel ** 2 }, (_, place) => {
    const row = Math.floor(pixel / width) + Math.floor(place / kernel) - reach;
    const column = (pixel % width) + (place % kernel) - reach;
    return row >= 0 && row < height && column >= 0 && column < width ? row * width + column : -1;
  });
}

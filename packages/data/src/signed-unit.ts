import { GanymedeError } from "@ganymede/core";

const table = Float32Array.from({ length: 256 }, (_, value) => value / 127.5 - 1);

/**
 * Converts uint8 pixels to float32 in [-1, 1]: x / 127.5 - 1.
 *
 * @param shape `[B, H, W, C]`.
 * @param flips images with a non-zero entry are flipped horizontally.
 * @param out buffer of the same number of values to write to. Default: a new one.
 * @throws GanymedeError `invalid-argument` if the sizes disagree.
 */
export function toSignedUnit(
  pixels: Uint8Array,
  shape: readonly [number, number, number, number],
  flips?: ArrayLike<number>,
  out: Float32Array = new Float32Array(pixels.length),
): Float32Array {
  const [batch, height, width, channels] = shape;
  const image = height * width * channels;
  if (pixels.length !== batch * image || out.length !== pixels.length) {
    throw new GanymedeError(
      "invalid-argument",
      `toSignedUnit: pixels and out must have ${batch * image} values for [${shape.join(", ")}], got ${pixels.length} and ${out.length}`,
    );
  }
  for (let b = 0; b < batch; b++) {
    if (flips?.[b]) mirrored(pixels, out, b * image, height, width, channels);
    else for (let i = b * image; i < (b + 1) * image; i++) out[i] = table[pixels[i] as number] as number;
  }
  return out;
}

function mirrored(
  pixels: Uint8Array,
  out: Float32Array,
  start: number,
  height: number,
  width: number,
  channels: number,
): void {
  for (let y = 0; y < height; y++) {
    const row = start + y * width * channels;
    for (let x = 0; x < width; x++) {
      for (let c = 0; c < channels; c++) {
        const from = pixels[row + (width - 1 - x) * channels + c] as number;
        out[row + x * channels + c] = table[from] as number;
      }
    }
  }
}

/**
 * Converts float32 in [-1, 1] to uint8: round((x + 1) * 127.5), clipped to [0, 255], for metrics and images. NaN becomes 0.
 */
export function toBytes(values: ArrayLike<number>): Uint8Array {
  const out = new Uint8ClampedArray(values.length);
  for (let i = 0; i < values.length; i++) out[i] = Math.round(((values[i] as number) + 1) * 127.5);
  return new Uint8Array(out.buffer);
}

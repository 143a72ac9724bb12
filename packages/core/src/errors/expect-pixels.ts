import { GanymedeError } from "./ganymede-error.js";

/**
 * Checks images at a public entry point that plain JavaScript can call: uint8 pixels, as many as `[B, H, W, C]` has, with one or three
 * channels. Floats in [0, 1] or [-1, 1], the usual mistake, would silently give wrong numbers.
 *
 * @throws GanymedeError `invalid-argument` with `who`, the rule and the value.
 */
export function expectPixels(
  images: Uint8Array,
  shape: readonly [batch: number, height: number, width: number, channels: number],
  who: string,
): void {
  const kind = Object.prototype.toString.call(images).slice(8, -1);
  if (kind !== "Uint8Array") {
    throw new GanymedeError(
      "invalid-argument",
      `${who}: images must be a Uint8Array of pixels from 0 to 255, got ${kind}; convert them first`,
    );
  }
  const sizes: readonly number[] = Array.isArray(shape) ? shape : [];
  const whole = sizes.length === 4 && sizes.every((size) => Number.isInteger(size) && size > 0);
  if (!whole || (sizes[3] !== 1 && sizes[3] !== 3) || images.length !== sizes.reduce((all, size) => all * size, 1)) {
    throw new GanymedeError(
      "invalid-argument",
      `${who}: images must be [B, H, W, 1 or 3] in uint8, got ${images.length} bytes for [${sizes.join(", ")}]`,
    );
  }
}

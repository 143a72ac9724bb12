const floats = new Float32Array(1);
const bits = new Uint32Array(floats.buffer);

/** Largest finite number of half precision (IEEE 754 binary16). */
export const largestHalf = 65504;
/** Smallest number with all eleven bits; below it they are lost one by one, down to 2^-24. */
export const smallestNormalHalf = 2 ** -14;

/** Bits of the nearest half-precision number, halves to even; infinity from 65520 on. */
export function toHalf(value: number): number {
  floats[0] = value;
  const sign = (bits[0]! >>> 16) & 0x8000;
  const magnitude = bits[0]! & 0x7fff_ffff;
  if (magnitude > 0x7f80_0000) return sign | 0x7e00;
  floats[0] = Math.abs(value);
  if (floats[0] >= 65520) return sign | 0x7c00;
  // Adding a power of two of the right size rounds a number to the last bit that half precision keeps.
  const exponent = Math.max(magnitude >>> 23, 113);
  bits[0] = (exponent + 13) << 23;
  const anchor = floats[0];
  bits[0] = magnitude;
  const rounded = Math.fround(floats[0] + anchor) - anchor;
  if (rounded < smallestNormalHalf) return sign | (rounded * 2 ** 24);
  floats[0] = rounded;
  return sign | ((bits[0]! >>> 13) - (112 << 10));
}

/** The number of half-precision bits. */
export function fromHalf(half: number): number {
  const sign = half & 0x8000 ? -1 : 1;
  const exponent = (half >>> 10) & 0x1f;
  const fraction = half & 0x3ff;
  if (exponent === 0) return sign * fraction * 2 ** -24;
  if (exponent === 0x1f) return fraction === 0 ? sign * Number.POSITIVE_INFINITY : Number.NaN;
  return sign * (1 + fraction / 1024) * 2 ** (exponent - 15);
}

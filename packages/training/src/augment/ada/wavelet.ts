/** Low-pass filter of the symlet of order 6 (Daubechies 1992, table 6.3), orthonormal to its shifts by two, scaled to sum to 1. */
const taps = (() => {
  const symlet = [
    0.015404109327027373, 0.0034907120842174702, -0.11799011114819057, -0.048311742585633, 0.4910559419267466,
    0.787641141030194, 0.3379294217276218, -0.07263752278646252, -0.021060292512300564, 0.04472490177066578,
    0.0017677118642428036, -0.007800708325034148,
  ];
  const sum = symlet.reduce((total, tap) => total + tap, 0);
  return symlet.map((tap) => tap / sum);
})();

/** Pixels that the filter reaches beyond the output, on each side. */
export const margin = taps.length / 4;

/** An index mirrored at the centres of the outermost pixels. */
function reflected(index: number, size: number): number {
  const length = Math.max(1, 2 * (size - 1));
  const within = ((index % length) + length) % length;
  return Math.min(within, length - within);
}

/** Period, in half pixels, of a line that is mirrored at both ends. */
export function period(size: number): number {
  return Math.max(2, 4 * (size - 1));
}

/**
 * Upsamples a line of pixels, mirrored at its ends, by two: zeros in between, then the filter. `[period, size]`, one period, whose first
 * 2 size values cover the line itself.
 */
export function doublingMatrix(size: number): Float32Array {
  const matrix = new Float32Array(period(size) * size);
  for (let k = 0; k < period(size); k++) {
    for (let tap = 0; tap < taps.length; tap++) {
      const twice = k + 5 - tap;
      if (twice % 2 !== 0) continue;
      const at = k * size + reflected(twice / 2, size);
      matrix[at] = (matrix[at] as number) + 2 * (taps[tap] as number);
    }
  }
  return matrix;
}

/** Downsamples a line of 2 (size + 2 margin) pixels to `size`, `[size, 2 (size + 2 margin)]`: the adjoint filter, every second value. */
export function halvingMatrix(size: number): Float32Array {
  const length = 2 * (size + 2 * margin);
  const matrix = new Float32Array(size * length);
  for (let m = 0; m < size; m++) {
    for (let tap = 0; tap < taps.length; tap++) matrix[m * length + 2 * m + tap + 1] = taps[tap] as number;
  }
  return matrix;
}

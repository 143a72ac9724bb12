/** A filter of Pillow, by name. */
export type ResizeFilter = "bicubic" | "lanczos";

/** Resizes images of one shape; create it once for many images. Returns the same array if nothing changes. */
export type Resizer = (pixels: Uint8Array) => Uint8Array;

interface Kernel {
  /** Zero beyond this distance. */
  readonly support: number;
  at(x: number): number;
}

function sinc(x: number): number {
  return x === 0 ? 1 : Math.sin(Math.PI * x) / (Math.PI * x);
}

const kernels: Readonly<Record<ResizeFilter, Kernel>> = {
  bicubic: {
    support: 2,
    at(x) {
      const t = Math.abs(x);
      if (t < 1) return (1.5 * t - 2.5) * t * t + 1;
      return t < 2 ? ((-0.5 * t + 2.5) * t - 4) * t + 2 : 0;
    },
  },
  lanczos: { support: 3, at: (x) => (Math.abs(x) < 3 ? sinc(x) * sinc(x / 3) : 0) },
};

/** Fixed-point bits of a weight: 32, less 8 for the pixel and 2 for sums beyond it. */
const precision = 22;
const half = 1 << (precision - 1);

/** Weights of one axis: output i is the sum over k of `weights[i * most + k]` times the input at `start[i] + k`. */
interface Taps {
  readonly start: Int32Array;
  readonly count: Int32Array;
  readonly weights: Int32Array;
  readonly most: number;
}

/** Half-pixel centres; the kernel widens with the scale when shrinking, which avoids aliasing. */
function makeTaps(from: number, to: number, { support, at }: Kernel): Taps {
  const scale = from / to;
  const stretch = Math.max(1, scale);
  const reach = support * stretch;
  const most = Math.ceil(reach) * 2 + 1;
  const start = new Int32Array(to);
  const count = new Int32Array(to);
  const weights = new Int32Array(to * most);
  const row = new Float64Array(most);
  for (let i = 0; i < to; i++) {
    const centre = (i + 0.5) * scale;
    const low = Math.max(0, Math.trunc(centre - reach + 0.5));
    const taps = Math.min(from, Math.trunc(centre + reach + 0.5)) - low;
    let sum = 0;
    for (let k = 0; k < taps; k++) {
      row[k] = at((low + k - centre + 0.5) / stretch);
      sum += row[k] as number;
    }
    start[i] = low;
    count[i] = taps;
    for (let k = 0; k < taps; k++) {
      const weight = ((row[k] as number) / sum) * 2 ** precision;
      weights[i * most + k] = Math.trunc(weight + (weight < 0 ? -0.5 : 0.5));
    }
  }
  return { start, count, weights, most };
}

/** Cached taps by filter and sizes, the latest last: photographs of a folder come in a few sizes. */
const kept = new Map<string, Taps>();
const keptAtMost = 64;

function tapsFor(from: number, to: number, filter: ResizeFilter): Taps {
  const name = `${filter} ${from} ${to}`;
  const taps = kept.get(name) ?? makeTaps(from, to, kernels[filter]);
  kept.delete(name);
  kept.set(name, taps);
  for (const oldest of kept.keys()) {
    if (kept.size <= keptAtMost) break;
    kept.delete(oldest);
  }
  return taps;
}

/** `[side, side, C]` at `offset` of rows of `stride` bytes to `[side, size, C]`. */
function resizeRows(
  pixels: Uint8Array,
  { side, offset, stride, channels }: { side: number; offset: number; stride: number; channels: number },
  taps: Taps,
): Uint8ClampedArray {
  const size = taps.start.length;
  const out = new Uint8ClampedArray(side * size * channels);
  const { start, count, weights, most } = taps;
  let to = 0;
  for (let y = 0; y < side; y++) {
    const row = offset + y * stride;
    for (let x = 0; x < size; x++) {
      let at = row + (start[x] as number) * channels;
      const first = x * most;
      const last = first + (count[x] as number);
      if (channels === 1) {
        let sum = half;
        for (let k = first; k < last; k++) sum = (sum + Math.imul(weights[k] as number, pixels[at++] as number)) | 0;
        out[to++] = sum >> precision;
        continue;
      }
      let red = half;
      let green = half;
      let blue = half;
      for (let k = first; k < last; k++, at += 3) {
        const weight = weights[k] as number;
        red = (red + Math.imul(weight, pixels[at] as number)) | 0;
        green = (green + Math.imul(weight, pixels[at + 1] as number)) | 0;
        blue = (blue + Math.imul(weight, pixels[at + 2] as number)) | 0;
      }
      out[to] = red >> precision;
      out[to + 1] = green >> precision;
      out[to + 2] = blue >> precision;
      to += 3;
    }
  }
  return out;
}

/** `[side, line]` to `[size, line]`. */
function resizeColumns(pixels: Uint8ClampedArray, line: number, taps: Taps): Uint8Array {
  const size = taps.start.length;
  const out = new Uint8ClampedArray(size * line);
  const sums = new Int32Array(line);
  const { start, count, weights, most } = taps;
  for (let y = 0; y < size; y++) {
    sums.fill(half);
    for (let k = 0; k < (count[y] as number); k++) {
      const weight = weights[y * most + k] as number;
      const from = ((start[y] as number) + k) * line;
      // Row by row, in memory order.
      for (let i = 0; i < line; i++) {
        sums[i] = ((sums[i] as number) + Math.imul(weight, pixels[from + i] as number)) | 0;
      }
    }
    for (let i = 0; i < line; i++) out[y * line + i] = (sums[i] as number) >> precision;
  }
  return new Uint8Array(out.buffer);
}

function crop(pixels: Uint8Array, side: number, offset: number, stride: number, line: number): Uint8Array {
  const out = new Uint8Array(side * line);
  for (let y = 0; y < side; y++) {
    out.set(pixels.subarray(offset + y * stride, offset + y * stride + line), y * line);
  }
  return out;
}

/**
 * Resizes `[H, W, C]` uint8 images, C 1 or 3, to `[size, size, C]`, antialiased when shrinking. Images that are not square are
 * centre-cropped first, in whole pixels (an odd one is dropped at the end). Bit-exact with Pillow: horizontally, then
 * vertically, each with 22-bit weights and rounding to 8 bits.
 *
 * Source: Pillow, `Image.crop` and `Image.resize` with `BICUBIC` (Keys 1981, a = -0.5) or `LANCZOS` (three lobes).
 */
export function squareResizer(
  [height, width, channels]: readonly [number, number, number],
  size: number,
  filter: ResizeFilter,
): Resizer {
  const side = Math.min(height, width);
  const stride = width * channels;
  const offset = Math.floor((height - side) / 2) * stride + Math.floor((width - side) / 2) * channels;
  if (side === size) {
    if (height === width) return (pixels) => pixels;
    return (pixels) => crop(pixels, side, offset, stride, side * channels);
  }
  const taps = tapsFor(side, size, filter);
  return (pixels) => resizeColumns(resizeRows(pixels, { side, offset, stride, channels }, taps), size * channels, taps);
}

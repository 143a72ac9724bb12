/** For each output position: the first input position and the weights from there on. */
interface Taps {
  readonly start: Int32Array;
  readonly weights: readonly Float32Array[];
}

/** Cubic kernel of Keys (1981) with a = -0.5, as in Catmull and Rom's spline. */
function cubic(x: number): number {
  const t = Math.abs(x);
  if (t < 1) return (1.5 * t - 2.5) * t * t + 1;
  return t < 2 ? ((-0.5 * t + 2.5) * t - 4) * t + 2 : 0;
}

/** Half-pixel centres; the kernel widens with the scale when the image shrinks, so that nothing aliases. */
function taps(from: number, to: number): Taps {
  const scale = from / to;
  const stretch = Math.max(1, scale);
  const start = new Int32Array(to);
  const weights = Array.from({ length: to }, (_, i) => {
    const centre = (i + 0.5) * scale;
    const low = Math.max(0, Math.floor(centre - 2 * stretch + 0.5));
    const high = Math.min(from, Math.floor(centre + 2 * stretch + 0.5));
    start[i] = low;
    const row = Float32Array.from({ length: high - low }, (__, k) => cubic((low + k + 0.5 - centre) / stretch));
    const sum = row.reduce((total, weight) => total + weight, 0);
    return row.map((weight) => weight / sum);
  });
  return { start, weights };
}

/** Resizes images of one shape; made once for many images. */
export type Resizer = (pixels: Uint8Array) => Uint8Array;

/**
 * Bicubic resize of `[H, W, C]` uint8 images to `[size, size, C]`, antialiased when shrinking; of an image that is not square
 * the middle is taken first. Rounds to the nearest value and clips to 0 to 255.
 *
 * Source: Keys 1981, Cubic convolution interpolation, with the support scaled as in Pillow's `BICUBIC`.
 */
export function bicubicResizer(shape: readonly [number, number, number], size: number): Resizer {
  const [height, width, channels] = shape;
  const side = Math.min(height, width);
  const top = Math.floor((height - side) / 2);
  const left = Math.floor((width - side) / 2);
  const { start, weights } = taps(side, size);
  const across = new Float32Array(side * size * channels); // [side, size, C], after the horizontal pass
  return (pixels) => {
    for (let y = 0; y < side; y++) {
      const row = ((top + y) * width + left) * channels;
      for (let x = 0; x < size; x++) {
        const taken = weights[x] as Float32Array;
        for (let c = 0; c < channels; c++) {
          let sum = 0;
          let at = row + (start[x] as number) * channels + c;
          for (let k = 0; k < taken.length; k++, at += channels) sum += (taken[k] as number) * (pixels[at] as number);
          across[(y * size + x) * channels + c] = sum;
        }
      }
    }
    const out = new Uint8ClampedArray(size * size * channels); // clips and rounds
    const line = size * channels;
    for (let y = 0; y < size; y++) {
      const taken = weights[y] as Float32Array;
      for (let i = 0; i < line; i++) {
        let sum = 0;
        let at = (start[y] as number) * line + i;
        for (let k = 0; k < taken.length; k++, at += line) sum += (taken[k] as number) * (across[at] as number);
        out[y * line + i] = sum;
      }
    }
    return new Uint8Array(out.buffer);
  };
}

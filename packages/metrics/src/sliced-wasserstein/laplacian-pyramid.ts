/** An image with row-major pixels of `channels` values. */
export interface Plane {
  readonly values: Float32Array;
  readonly height: number;
  readonly width: number;
  readonly channels: number;
}

/** Binomial filter, 1 4 6 4 1 over 16. */
const taps = [1 / 16, 4 / 16, 6 / 16, 4 / 16, 1 / 16] as const;

/** Index mirrored at the borders without repeating them. */
function mirror(i: number, length: number): number {
  if (length === 1) return 0;
  const period = 2 * (length - 1);
  const folded = ((i % period) + period) % period;
  return Math.min(folded, period - folded);
}

/** Filters along one axis: `lines` lines of `length` values with stride `step`, starting at `place(line)`. */
function blurAxis(
  source: Float32Array,
  lines: number,
  length: number,
  step: number,
  place: (line: number) => number,
): Float32Array {
  const out = new Float32Array(source.length);
  for (let line = 0; line < lines; line++) {
    const start = place(line);
    for (let i = 0; i < length; i++) {
      let sum = 0;
      for (let t = -2; t <= 2; t++) sum += taps[t + 2]! * source[start + mirror(i + t, length) * step]!;
      out[start + i * step] = sum;
    }
  }
  return out;
}

function blur({ values, height, width, channels }: Plane): Float32Array {
  const row = width * channels;
  const across = blurAxis(values, height * channels, width, channels, (line) => {
    return Math.floor(line / channels) * row + (line % channels);
  });
  return blurAxis(across, row, height, row, (line) => line);
}

/** Blurs, then keeps every second pixel of both axes. */
export function halve(plane: Plane): Plane {
  const { width, channels } = plane;
  const blurred = blur(plane);
  const [rows, columns] = [Math.floor(plane.height / 2), Math.floor(width / 2)];
  const values = new Float32Array(rows * columns * channels);
  for (let i = 0; i < rows; i++) {
    for (let j = 0; j < columns; j++) {
      for (let c = 0; c < channels; c++)
        values[(i * columns + j) * channels + c] = blurred[(2 * i * width + 2 * j) * channels + c]!;
    }
  }
  return { values, height: rows, width: columns, channels };
}

/** Inserts zeros to double the size, blurs, and multiplies by 4 to keep the mean. */
export function double({ values, height, width, channels }: Plane): Plane {
  const spread = new Float32Array(values.length * 4);
  for (let i = 0; i < height; i++) {
    for (let j = 0; j < width; j++) {
      for (let c = 0; c < channels; c++) {
        spread[(4 * i * width + 2 * j) * channels + c] = 4 * values[(i * width + j) * channels + c]!;
      }
    }
  }
  const twice = { values: spread, height: 2 * height, width: 2 * width, channels };
  return { ...twice, values: blur(twice) };
}

/** Sides of the pyramid's levels: halved while even and at least 16. */
export function levelSides(side: number): number[] {
  const sides = [side];
  for (let last = side; last % 2 === 0 && last / 2 >= 16; last /= 2) sides.push(last / 2);
  return sides;
}

/**
 * Laplacian pyramid: the detail lost by each halving, finest first, then the smallest image itself.
 *
 * Source: Burt and Adelson 1983.
 */
export function laplacianPyramid(image: Plane, levels: number): Plane[] {
  const out: Plane[] = [];
  let plane = image;
  for (let level = 1; level < levels; level++) {
    const smaller = halve(plane);
    const back = double(smaller).values;
    out.push({ ...plane, values: plane.values.map((value, i) => value - back[i]!) });
    plane = smaller;
  }
  return [...out, plane];
}

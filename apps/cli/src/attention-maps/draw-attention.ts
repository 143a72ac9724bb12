import type { TokenMap } from "./attention-layers.js";
import type { Colour } from "./colours.js";
import { heat, segmentColour } from "./colours.js";

/** A square colour image, `[side, side, 3]`. */
export interface Tile {
  readonly pixels: Uint8Array;
  readonly side: number;
}

/** An image `[H, H, C]` in colour, enlarged to `side` by repeating pixels. */
export function imageTile(image: Uint8Array, channels: number, side: number): Tile {
  const own = Math.sqrt(image.length / channels);
  const pixels = new Uint8Array(side * side * 3);
  for (let y = 0; y < side; y++) {
    for (let x = 0; x < side; x++) {
      const from = (Math.floor((y * own) / side) * own + Math.floor((x * own) / side)) * channels;
      for (let c = 0; c < 3; c++) pixels[(y * side + x) * 3 + c] = image[from + (channels === 1 ? 0 : c)] as number;
    }
  }
  return { pixels, side };
}

/** Blends colours with opacity `alpha` over a desaturated tile. */
function over({ pixels, side }: Tile, alpha: number, colourAt: (y: number, x: number) => Colour): Tile {
  const out = new Uint8Array(pixels.length);
  for (let y = 0; y < side; y++) {
    for (let x = 0; x < side; x++) {
      const at = (y * side + x) * 3;
      const own = (c: number) => pixels[at + c] as number;
      const light = 0.2126 * own(0) + 0.7152 * own(1) + 0.0722 * own(2);
      for (const [c, value] of colourAt(y, x).entries()) {
        out[at + c] = Math.round((1 - alpha) * light + alpha * value);
      }
    }
  }
  return { pixels: out, side };
}

/** Opacity of the heat map. */
const heatShare = 0.7;

/** Attention of one query over the keys of a map, as a heat map scaled to its maximum. */
export function heatTile(image: Tile, weights: Float32Array, keys: TokenMap): Tile {
  const own = weights.subarray(keys.before);
  const most = own.reduce((sofar, value) => Math.max(sofar, value), 0);
  const cell = (at: number) => Math.floor((at * keys.side) / image.side);
  return over(image, heatShare, (y, x) => heat((own[cell(y) * keys.side + cell(x)] as number) / most));
}

/** Opacity of the segments. */
const segmentShare = 0.3;

/** The latent with the largest weight for each query, as a colour over the image; weights `[queries, keys]`. */
export function segmentTile(image: Tile, weights: Float32Array, { side, before }: TokenMap): Tile {
  const keys = weights.length / (side * side + before);
  const strongest = Array.from({ length: side * side }, (_, query) => {
    const row = weights.subarray((query + before) * keys, (query + before + 1) * keys);
    return row.reduce((best, value, at) => (value > (row[best] as number) ? at : best), 0);
  });
  const cell = (at: number) => Math.floor((at * side) / image.side);
  return over(image, segmentShare, (y, x) => segmentColour(strongest[cell(y) * side + cell(x)] as number));
}

/** Frames one token of a map, white inside black, so that it is visible on any background. */
export function framed({ pixels, side }: Tile, { side: cells }: TokenMap, row: number, column: number): Tile {
  const out = pixels.slice();
  const edge = (at: number) => Math.round((at * side) / cells);
  const put = (y: number, x: number, value: number) => {
    if (y < 0 || x < 0 || y >= side || x >= side) return;
    out.fill(value, (y * side + x) * 3, (y * side + x) * 3 + 3);
  };
  for (const [grow, value] of [
    [1, 0],
    [0, 255],
  ] as const) {
    const [top, left] = [edge(row) - grow, edge(column) - grow];
    const [bottom, right] = [edge(row + 1) - 1 + grow, edge(column + 1) - 1 + grow];
    for (let x = left; x <= right; x++) for (const y of [top, bottom]) put(y, x, value);
    for (let y = top; y <= bottom; y++) for (const x of [left, right]) put(y, x, value);
  }
  return { pixels: out, side };
}

/** A tile with a white margin to the right and below. */
export function spaced({ pixels, side }: Tile, gap: number): Tile {
  const wide = side + gap;
  const out = new Uint8Array(wide * wide * 3).fill(255);
  for (let y = 0; y < side; y++) out.set(pixels.subarray(y * side * 3, (y + 1) * side * 3), y * wide * 3);
  return { pixels: out, side: wide };
}

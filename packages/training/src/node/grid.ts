import { ownMark } from "./own-output.js";

/** Images side by side: uint8 `[rows * H, columns * W, C]`, black after the last image. */
export interface Sheet {
  readonly pixels: Uint8Array;
  readonly width: number;
  readonly height: number;
  readonly channels: 1 | 3;
}

/** Arranges images `[count, H, W, C]` row by row. Default `columns`: nearly square. */
export function imageSheet(images: Uint8Array, shape: readonly [number, number, number], columns?: number): Sheet {
  const [height, width, channels] = shape;
  const count = images.length / (height * width * channels);
  const across = Math.min(count, columns ?? Math.ceil(Math.sqrt(count)));
  const down = Math.ceil(count / across);
  const line = width * channels;
  const pixels = new Uint8Array(down * height * across * line);
  for (let i = 0; i < count; i++) {
    const top = Math.floor(i / across) * height;
    const left = (i % across) * line;
    for (let y = 0; y < height; y++) {
      const from = (i * height + y) * line;
      pixels.set(images.subarray(from, from + line), (top + y) * across * line + left);
    }
  }
  return { pixels, width: across * width, height: down * height, channels: channels === 1 ? 1 : 3 };
}

/** A sheet with every pixel enlarged to `factor` x `factor`. */
export function enlarged({ pixels, width, height, channels }: Sheet, factor: number): Sheet {
  if (factor === 1) return { pixels, width, height, channels };
  const out = new Uint8Array(pixels.length * factor ** 2);
  const line = width * factor * channels;
  for (let y = 0; y < height * factor; y++) {
    for (let x = 0; x < width * factor; x++) {
      const from = (Math.floor(y / factor) * width + Math.floor(x / factor)) * channels;
      for (let c = 0; c < channels; c++) out[y * line + x * channels + c] = pixels[from + c] as number;
    }
  }
  return { pixels: out, width: width * factor, height: height * factor, channels };
}

/** Encodes a sheet as PNG, enlarged by a whole factor (nearest neighbour) so that small images are easy to see. */
export async function encodePng(sheet: Sheet, enlarge = 1): Promise<Uint8Array> {
  const { default: sharp } = await import("sharp");
  const { pixels, width, height, channels } = enlarged(sheet, enlarge);
  return sharp(pixels, { raw: { width, height, channels }, limitInputPixels: false })
    .withExif({ IFD0: { Software: ownMark } })
    .png()
    .toBuffer();
}

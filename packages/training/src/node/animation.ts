import type { Picture } from "../sample/pictures/picture.js";
import type { Sheet } from "./grid.js";
import { enlarged, imageSheet } from "./grid.js";
import { ownMark } from "./own-output.js";

/** Frames of an animation that plays a picture's columns forwards and backwards; each frame shows one image per row, and the ends are not repeated. */
export function thereAndBack({ images, columns = 1 }: Picture, shape: readonly [number, number, number]): Sheet[] {
  const bytes = shape[0] * shape[1] * shape[2];
  const rows = images.length / bytes / columns;
  const frames = Array.from({ length: columns }, (_, column) => {
    const frame = new Uint8Array(rows * bytes);
    for (let row = 0; row < rows; row++) {
      const at = (row * columns + column) * bytes;
      frame.set(images.subarray(at, at + bytes), row * bytes);
    }
    return imageSheet(frame, shape);
  });
  return [...frames, ...frames.slice(1, -1).reverse()];
}

/** Encodes frames of one size as an endless animation. */
export async function encodeAnimation(
  frames: readonly Sheet[],
  format: "webp" | "gif",
  milliseconds: number,
  enlarge = 1,
): Promise<Uint8Array> {
  const { default: sharp } = await import("sharp");
  const sheets = frames.map((frame) => enlarged(frame, enlarge));
  const { width, height, channels } = sheets[0] as Sheet;
  const pixels = Buffer.concat(sheets.map((sheet) => sheet.pixels));
  const raw = { width, height: height * sheets.length, channels, pageHeight: height } as const;
  const delay = sheets.map(() => milliseconds);
  const image = sharp(pixels, { raw, limitInputPixels: false }).withExif({ IFD0: { Software: ownMark } });
  return format === "gif"
    ? withComment(await image.gif({ delay, loop: 0 }).toBuffer(), ownMark)
    : image.webp({ delay, loop: 0, quality: 90 }).toBuffer();
}

/** A GIF with a comment block before its trailer, its only place for text; at most 255 letters. */
function withComment(gif: Uint8Array, text: string): Uint8Array {
  const letters = new TextEncoder().encode(text);
  return Buffer.concat([
    gif.subarray(0, -1),
    Uint8Array.of(0x21, 0xfe, letters.length),
    letters,
    Uint8Array.of(0, 0x3b),
  ]);
}

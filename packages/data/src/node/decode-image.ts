import { GanymedeError, shorten } from "@ganymede/core";
import { imageFitter } from "../fit-image.js";
import { reasonOf } from "./read-bytes.js";

/** A decoded image: uint8 `[height, width, channels]`. */
export interface DecodedImage {
  readonly pixels: Uint8Array;
  readonly height: number;
  readonly width: number;
}

/** Why an image could not be decoded; for some damage the decoder only reports that it was told to stop. */
function damageOf(error: unknown): string {
  const reason = reasonOf(error).trim().replace(/\s+/g, " ");
  // Some decoders repeat the message for every strip of an image.
  return reason.includes("failOn") ? "its data ends early or is corrupt" : shorten(reason, 200);
}

/**
 * Most pixels of an image: 8192 x 8192. It is decoded whole, with 4 bytes per pixel, and a damaged header may claim any size.
 */
const mostPixels = 2 ** 26;

/** Supported formats, independent of the file's name. SVG can take any time, and has no pixels of its own. */
const formats: readonly string[] = ["png", "jpeg", "webp", "tiff", "gif"];

/** round(a * b / 255) of two bytes. */
function share(a: number, b: number): number {
  const product = a * b + 128;
  return (product + (product >> 8)) >> 8;
}

/** CMYK without a profile to RGB, like Pillow: 255 - K, less its share of the ink. */
function inksToColour(inks: Uint8Array): Uint8Array {
  const out = new Uint8Array((inks.length / 4) * 3);
  for (let from = 0, to = 0; from < inks.length; from += 4, to += 3) {
    const light = 255 - (inks[from + 3] as number);
    for (let c = 0; c < 3; c++) out[to + c] = light - share(inks[from + c] as number, light);
  }
  return out;
}

/** Composites RGBA over black. */
function overBlack(pixels: Uint8Array): Uint8Array {
  const out = new Uint8Array((pixels.length / 4) * 3);
  for (let from = 0, to = 0; from < pixels.length; from += 4, to += 3) {
    const opacity = pixels[from + 3] as number;
    for (let c = 0; c < 3; c++) out[to + c] = share(pixels[from + c] as number, opacity);
  }
  return out;
}

function unreadable(path: string, rule: string): GanymedeError {
  return new GanymedeError("invalid-data", `${path}: an image must ${rule}; convert or remove the file`);
}

/** The whole image in colour, `[height, width, 3]`, decoded at full size. */
async function decodeColour(path: string): Promise<DecodedImage> {
  // Loaded with the first image: datasets of pixels need none of it.
  const { default: sharp } = await import("sharp");
  const image = sharp(path, { failOn: "warning" }).autoOrient();
  const { format, depth, space, hasProfile, width: claimedWidth, height: claimedHeight } = await image.metadata();
  if (!formats.includes(format)) {
    throw unreadable(path, `be PNG, JPEG, WebP, TIFF or GIF by its content, got ${format}`);
  }
  if (!depth.endsWith("char") && !depth.endsWith("short")) {
    throw unreadable(path, `have 8 or 16 bits, because others have no known white level, got ${depth}`);
  }
  if (claimedWidth * claimedHeight > mostPixels) {
    throw new Error(`${claimedWidth} x ${claimedHeight} are more than ${mostPixels} pixels`);
  }
  const inks = space === "cmyk" && !hasProfile;
  const { data, info } = await (inks
    ? image.pipelineColourspace("cmyk").toColourspace("cmyk")
    : image.toColourspace("srgb")
  )
    .raw({ depth: "uchar" })
    .toBuffer({ resolveWithObject: true });
  const { height, width, channels } = info;
  if (inks ? channels !== 4 : channels !== 3 && channels !== 4) {
    throw new Error(`it has ${channels} channels, but must be grey, RGB or CMYK`);
  }
  if (channels === 3) return { pixels: data, height, width };
  return { pixels: inks ? inksToColour(data) : overBlack(data), height, width };
}

/**
 * Decodes a PNG, JPEG, WebP, TIFF or GIF file (the first image of several) to 8 bits: rotated according to its EXIF data;
 * colours by the embedded profile, else sRGB; CMYK without a profile like Pillow; the upper 8 of 16 bits;
 * transparency composited over black. Grey is Pillow's "L". With a size, the centre crop is resized to it by Pillow's Lanczos.
 *
 * @throws GanymedeError `invalid-data` with the file if it is damaged, has another format, or has values without a known white level
 *   (floating-point and 32-bit TIFF).
 */
export async function decodeImage(path: string, size: number | undefined, channels: 1 | 3): Promise<DecodedImage> {
  const { pixels, height, width } = await decodeColour(path).catch((error: unknown) => {
    if (GanymedeError.is(error)) throw error;
    throw new GanymedeError(
      "invalid-data",
      `${path}: the image is damaged (${damageOf(error)}); replace or remove the file`,
      { cause: error },
    );
  });
  const fit = imageFitter([height, width, 3], { size, channels, filter: "lanczos" });
  return { pixels: fit(pixels), height: size ?? height, width: size ?? width };
}

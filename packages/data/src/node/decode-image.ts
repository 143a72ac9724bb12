import { GanymedeError, shorten } from "@ganymede/core";
import sharp from "sharp";
import { imageFitter } from "../fit-image.js";
import { reasonOf } from "./read-bytes.js";

/** A decoded picture: uint8 `[height, width, channels]`. */
export interface DecodedImage {
  readonly pixels: Uint8Array;
  readonly height: number;
  readonly width: number;
}

/** Why a picture did not decode; of some damage the decoder tells only that it was asked not to go on. */
function damageOf(error: unknown): string {
  const reason = reasonOf(error).trim().replace(/\s+/g, " ");
  // Some decoders say the same of every strip of a picture.
  return reason.includes("failOn") ? "its data ends early or is corrupt" : shorten(reason, 200);
}

/**
 * Most pixels of a picture: 8192 x 8192. It is decoded whole, in 4 bytes each, and a damaged header may claim any number.
 */
const mostPixels = 2 ** 26;

/** Formats that are decoded, whatever the name of the file says. Drawings (SVG) can take any time, and have no pixels of their own. */
const formats: readonly string[] = ["png", "jpeg", "webp", "tiff", "gif"];

/** round(a * b / 255) of two bytes. */
function share(a: number, b: number): number {
  const product = a * b + 128;
  return (product + (product >> 8)) >> 8;
}

/** Inks without a profile to colour, as Pillow converts "CMYK" to "RGB": 255 - K, less its share of the ink. */
function inksToColour(inks: Uint8Array): Uint8Array {
  const out = new Uint8Array((inks.length / 4) * 3);
  for (let from = 0, to = 0; from < inks.length; from += 4, to += 3) {
    const light = 255 - (inks[from + 3] as number);
    for (let c = 0; c < 3; c++) out[to + c] = light - share(inks[from + c] as number, light);
  }
  return out;
}

/** Colour and opacity to what shows over black. */
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

/** The whole picture in colour, `[height, width, 3]`; nothing is shrunk while it is decoded. */
async function decodeColour(path: string): Promise<DecodedImage> {
  const image = sharp(path, { failOn: "warning" }).autoOrient();
  const { format, depth, space, hasProfile, width: claimedWidth, height: claimedHeight } = await image.metadata();
  if (!formats.includes(format)) {
    throw unreadable(path, `be PNG, JPEG, WebP, TIFF or GIF inside, whatever its name says, got ${format}`);
  }
  if (!depth.endsWith("char") && !depth.endsWith("short")) {
    throw unreadable(path, `have 8 or 16 bits, since of others nothing says which value is white, got ${depth}`);
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
    throw new Error(`it has ${channels} channels, which is neither colour nor grey nor four inks`);
  }
  if (channels === 3) return { pixels: data, height, width };
  return { pixels: inks ? inksToColour(data) : overBlack(data), height, width };
}

/**
 * Decodes a PNG, JPEG, WebP, TIFF or GIF file (of several pictures the first) to 8 bits: turned upright as its EXIF data says;
 * colours by the embedded profile, else taken as sRGB, inks without a profile by Pillow's rule; of 16 bits the upper 8;
 * transparency laid over black. Grey is Pillow's "L". With a size, the middle square is brought to it by Pillow's Lanczos.
 *
 * @throws GanymedeError `invalid-data` naming the file when it does not decode to its end, is of another format inside, or has values
 *   without a known white (floating-point and 32-bit TIFF).
 */
export async function decodeImage(path: string, size: number | undefined, channels: 1 | 3): Promise<DecodedImage> {
  const { pixels, height, width } = await decodeColour(path).catch((error: unknown) => {
    if (GanymedeError.is(error)) throw error;
    throw new GanymedeError(
      "invalid-data",
      `${path}: an image must decode, but it is damaged (${damageOf(error)}); replace or remove the file`,
      { cause: error },
    );
  });
  const fit = imageFitter([height, width, 3], { size, channels, filter: "lanczos" });
  return { pixels: fit(pixels), height: size ?? height, width: size ?? width };
}

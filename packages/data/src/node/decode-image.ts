import { GanymedeError } from "@ganymede/core";
import sharp from "sharp";
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
  return reason.includes("failOn") ? "its data ends early or is corrupt" : reason;
}

/**
 * Decodes a PNG, JPEG or WebP file: turned upright as its EXIF data says, sRGB, transparency laid over black. With a size, the
 * shorter side is brought to it (Lanczos 3, antialiased) and the middle square is kept.
 *
 * @throws GanymedeError `invalid-data` naming the file when it does not decode to its end.
 */
export async function decodeImage(path: string, size: number | undefined, channels: 1 | 3): Promise<DecodedImage> {
  try {
    let image = sharp(path, { failOn: "warning" }).autoOrient().flatten({ background: "#000" });
    if (size !== undefined) {
      image = image.resize({ width: size, height: size, fit: "cover", position: "centre", kernel: "lanczos3" });
    }
    const { data, info } = await image
      .toColourspace(channels === 1 ? "b-w" : "srgb")
      .raw({ depth: "uchar" })
      .toBuffer({ resolveWithObject: true });
    if (info.channels !== channels) {
      throw new Error(`${info.channels} channels where ${channels} were asked for`);
    }
    return { pixels: data, height: info.height, width: info.width };
  } catch (error) {
    throw new GanymedeError(
      "invalid-data",
      `${path}: an image must decode, but it is damaged (${damageOf(error)}); replace or remove the file`,
      { cause: error },
    );
  }
}

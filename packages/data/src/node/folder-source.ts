import { createHash } from "node:crypto";
import { stat } from "node:fs/promises";
import { basename, extname, join, resolve } from "node:path";
import type { Dataset, DatasetOptions, DatasetSource } from "@ganymede/core";
import { GanymedeError } from "@ganymede/core";
import { expectIndex, expectSize } from "../memory-dataset.js";
import { readDatasetJson } from "./dataset-json.js";
import { decodeImage } from "./decode-image.js";
import { plural, readLayout } from "./folder-layout.js";
import { filesUnder } from "./list-files.js";

const picture = /\.(png|jpe?g|jpe|jfif|webp|tiff?|gif)$/i;

/** Unsupported image formats that are reported when skipped. */
const unread = /\.(bmp|dib|avif|hei[cf]|jp2|j2k|jxl|p[bgnp]m|tga|psd|exr|hdr)$/i;

/** Decoded images are cached up to this many bytes. */
const cacheBytes = 2 ** 30;

interface Search {
  readonly pictures: readonly string[];
  /** What was skipped, with counts. */
  readonly leftOut: readonly string[];
}

async function search(folder: string): Promise<Search> {
  const pictures: string[] = [];
  const counts = new Map<string, number>();
  const count = (what: string): void => void counts.set(what, (counts.get(what) ?? 0) + 1);
  for await (const { path, kind } of filesUnder(folder)) {
    if (kind === "circular link") count("link* to a folder above");
    else if (kind === "repeated link") count("link* to a folder that another link leads to");
    else if (kind === "broken link") count("link* to nothing");
    else if (picture.test(path)) pictures.push(path);
    else if (unread.test(path)) count(`${extname(path).toLowerCase()} file* (unsupported format)`);
  }
  return { pictures, leftOut: [...counts].map(([what, times]) => plural(times, what)) };
}

/** Hash of paths, sizes and modification times, because a replaced file keeps its path and may keep its size. */
async function fingerprintOf(folder: string, files: readonly string[]): Promise<string> {
  const hash = createHash("sha256");
  for (const file of files) {
    const { size, mtimeMs, ctimeMs } = await stat(join(folder, file));
    hash.update(`${file}\0${size}\0${mtimeMs}\0${ctimeMs}\n`);
  }
  return hash.digest("hex");
}

async function openFolder(folder: string, options: DatasetOptions): Promise<Dataset> {
  const { pictures, leftOut } = await search(folder);
  if (pictures.length === 0) {
    const got = leftOut.length === 0 ? "none" : `only ${leftOut.join("; ")}`;
    throw new GanymedeError(
      "missing-file",
      `${folder}: an image folder must contain .png, .jpg, .webp, .tif or .gif files, got ${got}; check the path or convert them`,
    );
  }
  const layout = await readLayout(folder, pictures, options.split, (base) => readDatasetJson(folder, base));
  const { files, labels, classNames, split } = layout;
  const notTaken = [...layout.leftOut, ...leftOut];
  const { size, channels = 3 } = options;
  if (size !== undefined) expectSize(size, folder);
  const first = size === undefined ? await decodeImage(join(folder, files[0] as string), undefined, channels) : null;
  const height = first?.height ?? (size as number);
  const width = first?.width ?? (size as number);
  const bytes = height * width * channels;
  const cache = new Map<number, Uint8Array>();
  const decode = async (index: number): Promise<Uint8Array> => {
    const kept = cache.get(index);
    if (kept !== undefined) return kept;
    const path = join(folder, files[index] as string);
    const image = await decodeImage(path, size, channels);
    if (image.height !== height || image.width !== width) {
      throw new GanymedeError(
        "invalid-data",
        `${path}: without a size all images must be ${height} x ${width}, got ${image.height} x ${image.width}; set a size`,
      );
    }
    if ((cache.size + 1) * bytes <= cacheBytes) cache.set(index, image.pixels);
    return image.pixels;
  };
  const form = [
    // Includes the filter, because it affects the statistics of resized images.
    size === undefined ? (height === width ? height : `${height}x${width}`) : `${size}-lanczos`,
    channels === 1 ? "grey" : "colour",
  ];
  return {
    id: [basename(resolve(folder)), ...(split === undefined ? [] : [split]), ...form].join("-"),
    length: files.length,
    imageShape: [height, width, channels],
    ...(labels !== undefined && { labels }),
    ...(classNames !== undefined && { classNames }),
    ...(notTaken.length > 0 && { notes: [`${folder}: skipped ${notTaken.join("; ")}`] }),
    fingerprint: () => fingerprintOf(folder, files),
    async read(indices) {
      const out = new Uint8Array(indices.length * bytes);
      // sharp decodes in its own threads, a few files at a time.
      await Promise.all(
        Array.from(indices, async (index, k) => {
          out.set(await decode(expectIndex(index, files.length, folder)), k * bytes);
        }),
      );
      return out;
    },
  };
}

/**
 * A folder of PNG, JPEG, WebP, TIFF and GIF files, searched recursively, following links, ordered by path. Splits and classes are
 * determined from its folders by `readLayout`. Images are decoded when they are read, and then cached.
 */
export const imageFolder: DatasetSource = {
  id: "folder",
  source: "https://sharp.pixelplumbing.com/",
  async detect(place) {
    for await (const { path, kind } of filesUnder(place)) {
      if (kind === "file" && (picture.test(path) || unread.test(path))) return true;
    }
    return false;
  },
  open: openFolder,
};

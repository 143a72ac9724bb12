import { basename, join, resolve } from "node:path";
import type { Dataset, DatasetOptions, DatasetSource } from "@ganymede/core";
import { GanymedeError } from "@ganymede/core";
import { expectIndex, expectSize } from "../memory-dataset.js";
import { decodeImage } from "./decode-image.js";
import { filesUnder } from "./list-files.js";

const picture = /\.(png|jpe?g|webp)$/i;

/** Decoded images are kept up to this many bytes. */
const cacheBytes = 2 ** 30;

/** The first folder of each path, where every image is in one and there are at least two: the classes. */
function classesOf(files: readonly string[]): Pick<Dataset, "labels" | "classNames"> {
  const tops = files.map((file) => (file.includes("/") ? (file.split("/")[0] as string) : null));
  const classNames = [...new Set(tops)];
  if (classNames.includes(null) || classNames.length < 2 || classNames.length > 65_535) return {};
  const numbers = new Map(classNames.map((name, i) => [name, i]));
  return {
    classNames: classNames as string[],
    labels: Uint16Array.from(tops, (top) => numbers.get(top) as number),
  };
}

async function openFolder(folder: string, options: DatasetOptions): Promise<Dataset> {
  const files: string[] = [];
  for await (const file of filesUnder(folder)) if (picture.test(file)) files.push(file);
  const [first] = files;
  if (first === undefined) {
    throw new GanymedeError(
      "missing-file",
      `${folder}: an image folder must hold .png, .jpg or .webp files, got none; check the path`,
    );
  }
  const { size, channels = 3 } = options;
  if (size !== undefined) expectSize(size, folder);
  const shown = size === undefined ? await decodeImage(join(folder, first), undefined, channels) : null;
  const height = shown?.height ?? (size as number);
  const width = shown?.width ?? (size as number);
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
        `${path}: without a size all images must be ${height} x ${width}, got ${image.height} x ${image.width}; give a size`,
      );
    }
    if ((cache.size + 1) * bytes <= cacheBytes) cache.set(index, image.pixels);
    return image.pixels;
  };
  return {
    id: `${basename(resolve(folder))}-${height === width ? height : `${height}x${width}`}-${channels === 1 ? "grey" : "colour"}`,
    length: files.length,
    imageShape: [height, width, channels],
    ...classesOf(files),
    async read(indices) {
      const out = new Uint8Array(indices.length * bytes);
      // sharp decodes in threads of its own, a few files at a time.
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
 * A folder of PNG, JPEG and WebP files, searched through all its sub-folders; the order is that of the paths. Every image is
 * used whatever the split, since a folder has none. Images are decoded when they are read and then kept.
 */
export const imageFolder: DatasetSource = {
  id: "folder",
  source: "https://sharp.pixelplumbing.com/",
  async detect(place) {
    for await (const file of filesUnder(place)) if (picture.test(file)) return true;
    return false;
  },
  open: openFolder,
};

import { basename, join, resolve } from "node:path";
import type { DatasetSource } from "@ganymede/core";
import { GanymedeError } from "@ganymede/core";
import { readIdx } from "../idx.js";
import { memoryDataset } from "../memory-dataset.js";
import { isFile, namesIn } from "./list-files.js";
import { readBytes } from "./read-bytes.js";

const imageFile = /^(train|t10k|test)[-_.]?images.*idx[34]-ubyte(\.gz)?$/;

const fashionClasses = [
  "T-shirt/top",
  "Trouser",
  "Pullover",
  "Dress",
  "Coat",
  "Sandal",
  "Shirt",
  "Sneaker",
  "Bag",
  "Ankle boot",
] as const;

/** The image files of a folder by split; an extracted file takes precedence over its .gz. */
async function imageFiles(folder: string): Promise<Readonly<Partial<Record<"train" | "test", string>>>> {
  const found: Partial<Record<"train" | "test", string>> = {};
  for (const name of await namesIn(folder)) {
    const match = imageFile.exec(name);
    // Some archives extract to a folder of this name with the file inside.
    if (match === null || !(await isFile(join(folder, name)))) continue;
    found[match[1] === "train" ? "train" : "test"] ??= name;
  }
  return found;
}

async function openFolder(folder: string, split: "train" | "test" | undefined) {
  const files = await imageFiles(folder);
  const taken = split ?? (files.train !== undefined ? "train" : "test");
  const name = files[taken];
  if (name === undefined) {
    const expected = taken === "train" ? "train-images-idx3-ubyte.gz" : "t10k-images-idx3-ubyte.gz";
    throw new GanymedeError(
      "missing-file",
      `${folder}: the ${taken} split must be in ${expected}, got no such file; put it there or choose the other split`,
    );
  }
  return { path: join(folder, name), split: taken };
}

/** Normalised name of a labels file: `train-labels-idx1-ubyte` for `train-labels.idx1-ubyte.gz`. */
function labelsName(name: string): string {
  return name
    .replace(/\.gz$/, "")
    .replace("images", "labels")
    .replace(/idx[34]/, "idx1")
    .replace(/^t10k/, "test")
    .replaceAll(/[-_.]/g, "-");
}

/** File names use dots, dashes or underscores, sometimes differently for images and labels. */
async function findLabels(folder: string, images: string): Promise<string | undefined> {
  const names: string[] = [];
  for (const name of await namesIn(folder)) {
    const alike = name.includes("labels") && labelsName(name) === labelsName(images);
    if (alike && (await isFile(join(folder, name)))) names.push(name);
  }
  const same = images.replace("images", "labels").replace(/idx[34]/, "idx1");
  return names.find((name) => name.replace(/\.gz$/, "") === same.replace(/\.gz$/, "")) ?? names[0];
}

async function readLabels(imagesPath: string, images: number): Promise<Uint8Array | undefined> {
  const folder = resolve(imagesPath, "..");
  const name = await findLabels(folder, basename(imagesPath));
  if (name === undefined) return undefined;
  const path = join(folder, name);
  const labels = await readIdx(await readBytes(path));
  if (labels.shape.length !== 1 || labels.shape[0] !== images) {
    throw new GanymedeError(
      "invalid-data",
      `${path}: there must be one label per image, got ${labels.shape.join(" x ")} labels for ${images} images; download both files again`,
    );
  }
  return labels.values;
}

/**
 * IDX files in the layout of MNIST and Fashion-MNIST, plain or .gz: a folder with `train-images-idx3-ubyte` and
 * `t10k-images-idx3-ubyte`, or one such file. Default split: train if it exists, else test.
 */
export const idx: DatasetSource = {
  id: "idx",
  source: "http://yann.lecun.com/exdb/mnist/",
  async detect(place) {
    if (imageFile.test(basename(place)) && (await isFile(place))) return true;
    const files = await imageFiles(place);
    return files.train !== undefined || files.test !== undefined;
  },
  async open(place, options) {
    const alone = await isFile(place);
    const { path, split } = alone
      ? { path: place, split: basename(place).startsWith("train") ? "train" : "test" }
      : await openFolder(place, options.split);
    const { shape, values } = await readIdx(await readBytes(path));
    const [length = 0, height = 0, width = 0, channels = 1] = shape;
    if (shape.length < 3 || shape.length > 4 || values.length === 0 || (channels !== 1 && channels !== 3)) {
      throw new GanymedeError(
        "invalid-data",
        `${path}: images must have axes N x H x W or N x H x W x 3, none of them empty, got ${shape.join(" x ")}; check that this is the images file`,
      );
    }
    const labels = await readLabels(path, length);
    const name = basename(resolve(alone ? join(place, "..") : place));
    const images = { name: `${name}-${split}`, shape: [height, width, channels] as const, pixels: values };
    const classNames = /fashion/i.test(name) ? { classNames: fashionClasses } : {};
    return memoryDataset({ ...images, ...(labels !== undefined && { labels, ...classNames }) }, options);
  },
};

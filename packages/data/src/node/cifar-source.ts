import { basename, join, resolve } from "node:path";
import type { Dataset, DatasetOptions, DatasetSource } from "@ganymede/core";
import { GanymedeError } from "@ganymede/core";
import type { CifarLabels } from "../cifar.js";
import { decodeCifar } from "../cifar.js";
import { memoryDataset } from "../memory-dataset.js";
import { namesIn } from "./list-files.js";
import { readBytes } from "./read-bytes.js";

/** Layout of one of the two datasets in its folder. */
interface Layout {
  readonly labels: CifarLabels;
  readonly train: RegExp;
  readonly test: RegExp;
  readonly classNames: string;
}

const layouts = {
  "cifar-10": {
    labels: 1,
    train: /^data_batch_\d+\.bin(\.gz)?$/,
    test: /^test_batch\.bin(\.gz)?$/,
    classNames: "batches.meta.txt",
  },
  "cifar-100": {
    labels: 2,
    train: /^train\.bin(\.gz)?$/,
    test: /^test\.bin(\.gz)?$/,
    classNames: "fine_label_names.txt",
  },
} as const satisfies Record<string, Layout>;

async function readClassNames(folder: string, layout: Layout): Promise<readonly string[] | undefined> {
  if (!(await namesIn(folder)).includes(layout.classNames)) return undefined;
  const source = await readBytes(join(folder, layout.classNames));
  const text = new TextDecoder().decode(await source.read(0, source.size));
  return text.split(/\r?\n/).filter((line) => line !== "");
}

async function openFolder(folder: string, layout: Layout, options: DatasetOptions): Promise<Dataset> {
  const names = await namesIn(folder);
  const split = options.split ?? (names.some((name) => layout.train.test(name)) ? "train" : "test");
  const files = names.filter((name) => layout[split].test(name));
  if (files.length === 0) {
    throw new GanymedeError(
      "missing-file",
      `${folder}: the ${split} split must be in files like ${layout[split].source.replace(/[\\^$]|\(.*\)/g, "")}, got none; put them there or choose the other split`,
    );
  }
  const parts = [];
  for (const file of files) {
    const source = await readBytes(join(folder, file));
    parts.push(decodeCifar(await source.read(0, source.size), layout.labels, source.name));
  }
  const classNames = await readClassNames(folder, layout);
  return memoryDataset(
    {
      name: `${basename(resolve(folder))}-${split}`,
      shape: [32, 32, 3],
      pixels: concatenate(parts.map((part) => part.pixels)),
      labels: concatenate(parts.map((part) => part.labels)),
      ...(classNames !== undefined && { classNames }),
    },
    options,
  );
}

function concatenate(parts: readonly Uint8Array[]): Uint8Array {
  const out = new Uint8Array(parts.reduce((total, part) => total + part.length, 0));
  let at = 0;
  for (const part of parts) {
    out.set(part, at);
    at += part.length;
  }
  return out;
}

function cifarSource(id: keyof typeof layouts): DatasetSource {
  const layout = layouts[id];
  return {
    id,
    source: "https://www.cs.toronto.edu/~kriz/cifar.html",
    detect: async (place) => (await namesIn(place)).some((name) => layout.train.test(name) || layout.test.test(name)),
    open: (place, options) => openFolder(place, layout, options),
  };
}

/** CIFAR-10, binary version: a folder with `data_batch_1.bin` ... `data_batch_5.bin` (those that exist) and `test_batch.bin`. */
export const cifar10: DatasetSource = cifarSource("cifar-10");

/** CIFAR-100, binary version: a folder with `train.bin` and `test.bin`; the classes are the fine ones. */
export const cifar100: DatasetSource = cifarSource("cifar-100");

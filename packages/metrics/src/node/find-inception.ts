import { readFile, stat } from "node:fs/promises";
import { join } from "node:path";
import { type Extractor, GanymedeError } from "@ganymede/core";
import { openTorchFile } from "@ganymede/core/checkpoint";
import { fileSource } from "@ganymede/core/node";
import { datFeatureSizes, readDatWeights } from "../extractor/dat-weights.js";
import { inceptionExtractor } from "../extractor/inception-extractor.js";
import { type FeatureSize, featureSizes } from "../extractor/inception-table.js";
import { torchWeights } from "../extractor/torch-weights.js";
import { officialInception } from "./inception-file.js";

/** Where to search for the Inception weights. */
export interface FindInceptionOptions {
  /** Weights chosen by the user: the official file, or a folder with it or with the partial weights. */
  readonly inception?: string;
  /** Folders to search. Default: that of $GANYMEDE_DATA. */
  readonly dataFolders?: readonly string[];
  /** Folder of `downloadInception`. */
  readonly cacheFolder?: string;
}

/** Inception weights on this machine. */
export interface FoundInception {
  readonly kind: "complete" | "partial";
  readonly path: string;
  /** Feature widths that they support; only 2048 is comparable with published values. */
  readonly dims: readonly FeatureSize[];
  /** Description for the user. */
  readonly description: string;
  /** Loads them on the current backend; the caller disposes the extractor. */
  open(): Promise<Extractor>;
}

type Kind = "file" | "folder" | null;

async function kindOf(path: string): Promise<Kind> {
  const found = await stat(path).catch(() => null);
  if (found === null) return null;
  return found.isDirectory() ? "folder" : "file";
}

function complete(path: string): FoundInception {
  return {
    kind: "complete",
    path,
    dims: featureSizes,
    description: `the FID Inception network of ${path}`,
    async open() {
      const tensors = await openTorchFile(await fileSource(path));
      const { layers, classifier } = await torchWeights(tensors, path);
      return inceptionExtractor({ id: "inception-2015-12-05", dims: featureSizes, layers, classifier });
    },
  };
}

function partial(path: string): FoundInception {
  return {
    kind: "partial",
    path,
    dims: datFeatureSizes,
    description: `the FID Inception network of ${path}, which ends before 2048 features: fid-768 at most`,
    async open() {
      const read = async (name: string): Promise<Uint8Array> => {
        const file = join(path, name);
        return new Uint8Array(
          await readFile(file).catch((cause: unknown) => {
            throw new GanymedeError("missing-file", `Inception weights: ${file} cannot be read; complete the folder`, {
              cause,
            });
          }),
        );
      };
      const layers = await readDatWeights(read, 768);
      return inceptionExtractor({ id: "inception-2015-12-05-partial", dims: datFeatureSizes, layers });
    },
  };
}

/** Searches a folder, and the weights' own folder inside it. */
async function lookIn(folder: string): Promise<{ complete?: string; partial?: string }> {
  const inner = join(folder, "inception-v3-2015-12-05");
  const files = [join(folder, officialInception.name), join(inner, officialInception.name)];
  const folders = [folder, join(folder, "batch_normalized_binaries"), join(inner, "batch_normalized_binaries")];
  const isFile = await Promise.all(files.map(async (path) => (await kindOf(path)) === "file"));
  const isPartial = await Promise.all(
    folders.map(async (path) => (await kindOf(join(path, "weights_conv.dat"))) === "file"),
  );
  const [file, weights] = [files.find((_, i) => isFile[i]), folders.find((_, i) => isPartial[i])];
  return { ...(file && { complete: file }), ...(weights && { partial: weights }) };
}

async function named(path: string): Promise<FoundInception> {
  const kind = await kindOf(path);
  if (kind === "file") return complete(path);
  const found = kind === "folder" ? await lookIn(path) : {};
  if (found.complete !== undefined) return complete(found.complete);
  if (found.partial !== undefined) return partial(found.partial);
  throw new GanymedeError(
    "missing-file",
    `--inception: must be ${officialInception.name} or a folder that contains it, got ${path}; download it from ${officialInception.url}`,
  );
}

/**
 * Finds the weights of the FID Inception network: those chosen by the user, else the complete file in the data folders or the
 * cache, else the partial weights in the data folders, else null. Downloads nothing (see `downloadInception`).
 *
 * @throws GanymedeError `missing-file` if the user's path has none.
 */
export async function findInception(options: FindInceptionOptions = {}): Promise<FoundInception | null> {
  if (options.inception !== undefined) return named(options.inception);
  const fromEnvironment = process.env.GANYMEDE_DATA;
  const folders = options.dataFolders ?? (fromEnvironment === undefined ? [] : [fromEnvironment]);
  const places = await Promise.all(
    [...folders, ...(options.cacheFolder === undefined ? [] : [options.cacheFolder])].map(lookIn),
  );
  const file = places.find((place) => place.complete !== undefined)?.complete;
  if (file !== undefined) return complete(file);
  const weights = places.find((place) => place.partial !== undefined)?.partial;
  return weights === undefined ? null : partial(weights);
}

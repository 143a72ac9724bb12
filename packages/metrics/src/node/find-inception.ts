import { readFile, stat } from "node:fs/promises";
import { join } from "node:path";
import { type Extractor, GanymedeError, openTorchFile } from "@ganymede/core";
import { fileSource } from "@ganymede/core/node";
import { datFeatureSizes, readDatWeights } from "../extractor/dat-weights.js";
import { inceptionExtractor } from "../extractor/inception-extractor.js";
import { type FeatureSize, featureSizes } from "../extractor/inception-table.js";
import { torchWeights } from "../extractor/torch-weights.js";
import { officialInception } from "./inception-file.js";

/** Where the Inception weights may be. */
export interface FindInceptionOptions {
  /** The weights that the user named: the official file, or a folder with it or with the partial weights. */
  readonly inception?: string;
  /** Folders to look in; without it the one that $GANYMEDE_DATA names. */
  readonly dataFolders?: readonly string[];
  /** Where `downloadInception` put the file. */
  readonly cacheFolder?: string;
}

/** Weights that were found. */
export interface FoundInception {
  readonly kind: "complete" | "partial";
  readonly path: string;
  /** Sizes of features that they give; only 2048 compares with published values. */
  readonly dims: readonly FeatureSize[];
  /** One sentence for people. */
  readonly description: string;
  /** Loads them on the current backend; the caller disposes of the extractor. */
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

/** Looks in one folder, and in the folder of the weights inside it. */
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
    `--inception: must name ${officialInception.name} or a folder that holds it, got ${path}; it can be had from ${officialInception.url}`,
  );
}

/**
 * Finds the weights of the FID Inception network: those that the user named, else the complete file in the data folders or the
 * cache, else the partial weights in the data folders, else none. Downloads nothing (`downloadInception` does).
 *
 * @throws GanymedeError `missing-file` when the user named a place that holds none.
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

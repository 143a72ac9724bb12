import { join } from "node:path";
import type { DownloadOptions, RemoteFile } from "@ganymede/core/node";
import { download } from "@ganymede/core/node";
import { cacheFolder } from "./cache-folder.js";

const address = "http://fashion-mnist.s3-website.eu-central-1.amazonaws.com/";

/** The four files of Fashion-MNIST (Xiao, Rasul, Vollgraf 2017, arXiv 1708.07747; MIT licence). */
export const fashionMnistFiles = {
  "train-images-idx3-ubyte.gz": {
    bytes: 26_421_880,
    sha256: "3aede38d61863908ad78613f6a32ed271626dd12800ba2636569512369268a84",
  },
  "train-labels-idx1-ubyte.gz": {
    bytes: 29_515,
    sha256: "a04f17134ac03560a47e3764e11b92fc97de4d1bfaf8ba1a3aa29af54cc90845",
  },
  "t10k-images-idx3-ubyte.gz": {
    bytes: 4_422_102,
    sha256: "346e55b948d973a97e58d2351dde16a484bd415d4595297633bb08f03db6a073",
  },
  "t10k-labels-idx1-ubyte.gz": {
    bytes: 5_148,
    sha256: "67da17c76eaffca5446c3361aaab5c3cd6d1c2608764d35dfb1850b086bf8dd5",
  },
} as const satisfies Record<string, Omit<RemoteFile, "url">>;

/** Folder and address of Fashion-MNIST. */
export interface FashionMnistOptions extends DownloadOptions {
  /** Folder of the four files. Default: `fashion-mnist` in the cache folder. */
  readonly folder?: string;
  /** URL of their folder; must end in `/`. Default: the official one. */
  readonly address?: string;
  /** The files; only tests replace them. */
  readonly files?: Readonly<Record<string, Omit<RemoteFile, "url">>>;
}

/**
 * Downloads missing or damaged files of Fashion-MNIST, about 31 MB, with progress over all files.
 *
 * @returns the folder, which `openDataset` opens.
 * @throws GanymedeError like `download` of `@ganymede/core/node`.
 */
export async function downloadFashionMnist(options: FashionMnistOptions = {}): Promise<string> {
  const { folder = join(cacheFolder(), "fashion-mnist"), files = fashionMnistFiles, onProgress } = options;
  const total = Object.values(files).reduce((sum, file) => sum + file.bytes, 0);
  let before = 0;
  for (const [name, file] of Object.entries(files)) {
    const start = before;
    await download({ ...file, url: (options.address ?? address) + name }, join(folder, name), {
      ...options,
      onProgress: (received) => onProgress?.(start + received, total),
    });
    before += file.bytes;
    onProgress?.(before, total);
  }
  return folder;
}

import { readdir, realpath, stat } from "node:fs/promises";
import { join } from "node:path";
import { GanymedeError } from "@ganymede/core";
import { reasonOf } from "./read-bytes.js";

/** Names in a folder in code-unit order; empty where there is no folder. */
export async function namesIn(folder: string): Promise<readonly string[]> {
  try {
    return (await readdir(folder)).sort();
  } catch (error) {
    const code = (error as NodeJS.ErrnoException).code;
    if (code === "ENOENT" || code === "ENOTDIR") return [];
    throw error;
  }
}

/** True when the place is a regular file. */
export async function isFile(place: string): Promise<boolean> {
  try {
    return (await stat(place)).isFile();
  } catch {
    return false;
  }
}

/** Something in a folder; `path` is relative to where the search began, with `/`. */
export interface FolderEntry {
  readonly path: string;
  /** A link may lead to nothing, back to a folder that it is in, or to one that another link led to before. */
  readonly kind: "file" | "broken link" | "circular link" | "repeated link";
}

async function listEntries(folder: string) {
  const entries = await readdir(folder, { withFileTypes: true }).catch((error: unknown) => {
    const text = `${folder}: the folder must be readable, but ${reasonOf(error)}; allow it or move the folder away`;
    throw new GanymedeError("missing-file", text, { cause: error });
  });
  return entries.sort((a, b) => (a.name < b.name ? -1 : a.name > b.name ? 1 : 0));
}

/**
 * All files under a folder, in code-unit order of the parts of their paths whatever the file system gives; links to files and to
 * folders are followed, each folder by one link at most; hidden files and folders are left out. Nothing where there is no folder.
 *
 * @throws GanymedeError `missing-file` for a folder that cannot be read.
 */
export async function* filesUnder(folder: string): AsyncGenerator<FolderEntry, void, void> {
  const root = await realpath(folder).catch(() => null);
  if (root !== null && (await stat(root)).isDirectory())
    yield* entriesUnder(folder, { below: "", above: [root], isLinked: false }, new Set());
}

/** A folder of the search. */
interface Position {
  readonly below: string;
  /** Real paths of the folders that were entered on the way, the last one's files being listed. */
  readonly above: readonly string[];
  /** Whether a link is on the way. */
  readonly isLinked: boolean;
}

/** @param linked real paths that links led to: n folders with links to one another have n! ways through them. */
async function* entriesUnder(
  folder: string,
  { below, above, isLinked }: Position,
  linked: Set<string>,
): AsyncGenerator<FolderEntry, void, void> {
  for (const entry of await listEntries(join(folder, below))) {
    if (entry.name.startsWith(".")) continue;
    const path = below === "" ? entry.name : `${below}/${entry.name}`;
    let real = join(above.at(-1) as string, entry.name);
    let target: { isFile(): boolean; isDirectory(): boolean } = entry;
    if (entry.isSymbolicLink()) {
      try {
        real = await realpath(real);
        target = await stat(real);
      } catch {
        yield { path, kind: "broken link" };
        continue;
      }
    }
    if (target.isFile()) yield { path, kind: "file" };
    if (!target.isDirectory()) continue;
    const throughLink = isLinked || entry.isSymbolicLink();
    if (above.includes(real)) yield { path, kind: "circular link" };
    else if (throughLink && linked.has(real)) yield { path, kind: "repeated link" };
    else {
      if (throughLink) linked.add(real);
      yield* entriesUnder(folder, { below: path, above: [...above, real], isLinked: throughLink }, linked);
    }
  }
}

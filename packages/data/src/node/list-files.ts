import { readdir, realpath, stat } from "node:fs/promises";
import { join } from "node:path";
import { GanymedeError } from "@ganymede/core";
import { reasonOf } from "./read-bytes.js";

/** Names in a folder in code-unit order; empty if the folder does not exist. */
export async function namesIn(folder: string): Promise<readonly string[]> {
  try {
    return (await readdir(folder)).sort();
  } catch (error) {
    const code = (error as NodeJS.ErrnoException).code;
    if (code === "ENOENT" || code === "ENOTDIR") return [];
    throw error;
  }
}

/** True if the path is a regular file. */
export async function isFile(place: string): Promise<boolean> {
  try {
    return (await stat(place)).isFile();
  } catch {
    return false;
  }
}

/** An entry of a folder; `path` is relative to the start of the search, with `/`. */
export interface FolderEntry {
  readonly path: string;
  /** A link may be broken, lead back to a folder that contains it, or lead to one that another link has led to. */
  readonly kind: "file" | "broken link" | "circular link" | "repeated link";
}

async function listEntries(folder: string) {
  const entries = await readdir(folder, { withFileTypes: true }).catch((error: unknown) => {
    const text = `${folder}: the folder must be readable, but ${reasonOf(error)}; change its permissions or move it away`;
    throw new GanymedeError("missing-file", text, { cause: error });
  });
  return entries.sort((a, b) => (a.name < b.name ? -1 : a.name > b.name ? 1 : 0));
}

/**
 * All files below a folder, in code-unit order of their path components; links to files and folders are followed, each folder by at most
 * one link; hidden files and folders are skipped. Empty if the folder does not exist.
 *
 * @throws GanymedeError `missing-file` for an unreadable folder.
 */
export async function* filesUnder(folder: string): AsyncGenerator<FolderEntry, void, void> {
  const root = await realpath(folder).catch(() => null);
  if (root !== null && (await stat(root)).isDirectory())
    yield* entriesUnder(folder, { below: "", above: [root], isLinked: false }, new Set());
}

/** A folder during the search. */
interface Position {
  readonly below: string;
  /** Real paths of the folders entered so far; the last one is being listed. */
  readonly above: readonly string[];
  /** Whether a link led here. */
  readonly isLinked: boolean;
}

/** @param linked real paths that links led to: n folders with links to each other have n! paths through them. */
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

import { readdir, stat } from "node:fs/promises";
import { join } from "node:path";

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

/**
 * Paths of all files under a folder, relative to it with `/`, in code-unit order of their parts whatever the file system
 * gives; hidden files and folders are left out. Empty where there is no folder.
 */
export async function* filesUnder(folder: string, below = ""): AsyncGenerator<string, void, void> {
  let entries: Awaited<ReturnType<typeof listEntries>>;
  try {
    entries = await listEntries(join(folder, below));
  } catch (error) {
    const code = (error as NodeJS.ErrnoException).code;
    if (below === "" && (code === "ENOENT" || code === "ENOTDIR")) return;
    throw error;
  }
  for (const entry of entries) {
    if (entry.name.startsWith(".")) continue;
    const path = below === "" ? entry.name : `${below}/${entry.name}`;
    if (entry.isDirectory()) yield* filesUnder(folder, path);
    else if (entry.isFile()) yield path;
    else if (entry.isSymbolicLink() && (await isFile(join(folder, path)))) yield path;
  }
}

async function listEntries(folder: string) {
  const entries = await readdir(folder, { withFileTypes: true });
  return entries.sort((a, b) => (a.name < b.name ? -1 : a.name > b.name ? 1 : 0));
}

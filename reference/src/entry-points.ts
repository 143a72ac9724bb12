import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

/** The root of the workspace, seen from `src` and from `dist` alike. */
export const root = fileURLToPath(new URL("../../", import.meta.url));

/** What users import. */
export interface EntryPoint {
  /** Such as `@ganymede/core/nn`. */
  readonly name: string;
  /** Path of its source file. */
  readonly source: string;
}

interface Manifest {
  readonly name: string;
  readonly exports: Readonly<Record<string, string | { readonly "@ganymede/source": string }>>;
}

/** Every entry point of every published package. */
export function entryPoints(): readonly EntryPoint[] {
  const packages = readdirSync(join(root, "packages")).sort();
  return [...packages.map((name) => join("packages", name)), join("apps", "cli")].flatMap((folder) => {
    const { name, exports } = JSON.parse(readFileSync(join(root, folder, "package.json"), "utf8")) as Manifest;
    return Object.entries(exports).flatMap(([path, entry]) =>
      typeof entry === "string"
        ? []
        : [{ name: `${name}${path.slice(1)}`, source: join(root, folder, entry["@ganymede/source"]) }],
    );
  });
}

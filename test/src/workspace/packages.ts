import { readdirSync, readFileSync } from "node:fs";
import { join, relative, sep } from "node:path";
import { fileURLToPath } from "node:url";

/** The root of the workspace, seen from `test/src/workspace` and from `test/dist/workspace` alike. */
export const root = fileURLToPath(new URL("../../../", import.meta.url));

export interface Manifest {
  readonly name: string;
  readonly version: string;
  readonly description?: string;
  readonly license?: string;
  readonly type?: string;
  readonly private?: boolean;
  readonly sideEffects?: boolean | readonly string[];
  readonly keywords?: readonly string[];
  readonly repository?: { readonly directory?: string };
  readonly engines?: { readonly node?: string };
  readonly exports?: Readonly<Record<string, string | Readonly<Record<string, string>>>>;
  readonly files?: readonly string[];
  readonly dependencies?: Readonly<Record<string, string>>;
  readonly peerDependencies?: Readonly<Record<string, string>>;
  readonly devDependencies?: Readonly<Record<string, string>>;
}

export interface WorkspacePackage {
  /** Folder from the root: `packages/core`. */
  readonly folder: string;
  /** Name without the scope: `core`. */
  readonly id: string;
  readonly manifest: Manifest;
  /** TypeScript files from the package's folder: `src/index.ts`. */
  readonly sources: readonly string[];
}

const read = (path: string): string => readFileSync(join(root, path), "utf8");

function packageAt(folder: string): WorkspacePackage {
  const manifest = JSON.parse(read(join(folder, "package.json"))) as Manifest;
  const sources = readdirSync(join(root, folder, "src"), { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile() && entry.name.endsWith(".ts"))
    .map((entry) => relative(join(root, folder), join(entry.parentPath, entry.name)).split(sep).join("/"))
    .sort();
  return { folder, id: manifest.name.replace("@ganymede/", ""), manifest, sources };
}

/** Every package of the workspace. */
export function workspacePackages(): WorkspacePackage[] {
  const inside = (parent: string): string[] =>
    readdirSync(join(root, parent))
      .sort()
      .map((name) => `${parent}/${name}`);
  return [...inside("packages"), ...inside("apps"), "test", "bench", "reference"].map(packageAt);
}

/** The text of a file of a package. */
export const sourceText = ({ folder }: WorkspacePackage, source: string): string => read(join(folder, source));

/** True for tests and what only they use. */
export const isTest = (source: string): boolean => /\.test\.ts$|\.fixture\.ts$|\/fixtures\//.test(source);

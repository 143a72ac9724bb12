import { readFileSync } from "node:fs";
import { createRequire } from "node:module";

const require = createRequire(import.meta.url);

/** Version of an installed package that exports its package.json. */
function versionOf(name: string): string {
  return (JSON.parse(readFileSync(require.resolve(`${name}/package.json`), "utf8")) as { version: string }).version;
}

/** Versions of Node, of this package and of its dependencies. */
export function libraryVersions(): Readonly<Record<string, string>> {
  const packages = [
    "@ganymede/training",
    "@ganymede/core",
    "@ganymede/data",
    "@ganymede/metrics",
    "@tensorflow/tfjs-core",
  ];
  return Object.fromEntries([["node", process.version], ...packages.map((name) => [name, versionOf(name)])]);
}

import { readFileSync } from "node:fs";
import { createRequire } from "node:module";

const require = createRequire(import.meta.url);

const packages = [
  "@ganymede/cli",
  "@ganymede/core",
  "@ganymede/attention",
  "@ganymede/models-vitgan",
  "@ganymede/models-transgan",
  "@ganymede/models-sagan",
  "@ganymede/models-gansformer",
  "@ganymede/models-skinny",
  "@ganymede/data",
  "@ganymede/metrics",
  "@ganymede/backend-onnx",
  "@tensorflow/tfjs-core",
] as const;

/** Version of an installed package, from its package.json. */
function versionOf(name: string): string {
  const path = require.resolve(`${name}/package.json`);
  return (JSON.parse(readFileSync(path, "utf8")) as { version: string }).version;
}

/** Version of this command. */
export function ownVersion(): string {
  return versionOf("@ganymede/cli");
}

/** Versions of everything that a run uses. */
export function installedVersions(): Readonly<Record<string, string>> {
  return Object.fromEntries([["node", process.version], ...packages.map((name) => [name, versionOf(name)])]);
}

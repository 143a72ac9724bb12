import { createRequire } from "node:module";

/** Functions of `node:util` that tfjs-node 4.22 calls and that Node 23 has removed. */
const removed: Readonly<Record<string, (value: unknown) => boolean>> = {
  isNullOrUndefined: (value) => value === null || value === undefined,
  isArray: Array.isArray,
};

/** Restores missing functions; existing ones stay. */
export function mendUtil(util: Record<string, unknown> = createRequire(import.meta.url)("node:util")): void {
  for (const [name, replacement] of Object.entries(removed)) util[name] ??= replacement;
}

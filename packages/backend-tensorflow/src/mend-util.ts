import { createRequire } from "node:module";

/** Functions of `node:util` that tfjs-node 4.22 calls, and that Node removes from version 23 on. */
const removed: Readonly<Record<string, (value: unknown) => boolean>> = {
  isNullOrUndefined: (value) => value === null || value === undefined,
  isArray: Array.isArray,
};

/** Puts back what is missing; what is there stays. */
export function mendUtil(util: Record<string, unknown> = createRequire(import.meta.url)("node:util")): void {
  for (const [name, replacement] of Object.entries(removed)) util[name] ??= replacement;
}

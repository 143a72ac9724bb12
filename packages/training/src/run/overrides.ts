import { GanymedeError } from "@ganymede/core";

/** JSON data. */
export type Json = null | boolean | number | string | readonly Json[] | { readonly [name: string]: Json };

export type JsonRecord = { readonly [name: string]: Json };

/** One `--set key=value`: the path of the key, and the value parsed as JSON, or else as a string. */
export interface Override {
  readonly path: readonly string[];
  readonly value: Json;
}

/**
 * @param who start of the error sentences.
 * @throws GanymedeError `invalid-argument` for a text that is not `key=value`.
 */
export function parseOverride(text: string, who = "`set`"): Override {
  const at = text.indexOf("=");
  const path = text.slice(0, at).split(".");
  if (at < 1 || path.some((part) => part === "")) {
    throw new GanymedeError("invalid-argument", `${who}: an override must have the form key=value, got "${text}"`);
  }
  const value = text.slice(at + 1);
  try {
    return { path, value: JSON.parse(value) as Json };
  } catch {
    return { path, value };
  }
}

/** Nests the values under their paths; later overrides win. */
export function nestOverrides(overrides: readonly Override[]): JsonRecord {
  // No prototype: a key such as __proto__ stays a plain key, unknown to every configuration.
  const record = (from: JsonRecord = {}): Record<string, Json> => Object.assign(Object.create(null), from);
  const out = record();
  for (const { path, value } of overrides) {
    let at = out;
    for (const part of path.slice(0, -1)) {
      const below = at[part];
      const open = typeof below === "object" && below !== null && !Array.isArray(below);
      // A setting below a name that was set before belongs to the named component: { id, setting }.
      const next = record(open ? (below as JsonRecord) : typeof below === "string" ? { id: below } : {});
      at[part] = next;
      at = next;
    }
    at[path.at(-1) as string] = value;
  }
  return out;
}

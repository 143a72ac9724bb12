import { GanymedeError } from "../errors/ganymede-error.js";
import type { Plugin } from "./plugin.js";

/** The kinds of things that plugins contribute. */
export type Kind = Exclude<keyof Plugin, "apiVersion" | "name">;

type Entry<K extends Kind> = NonNullable<Plugin[K]>[number];

export interface Registry {
  readonly plugins: readonly Plugin[];
  /** @throws GanymedeError `unknown-name`, listing what there is. */
  get<K extends Kind>(kind: K, id: string): Entry<K>;
  list<K extends Kind>(kind: K): readonly Entry<K>[];
  /** Name of the plugin that contributed the entry. */
  owner(kind: Kind, id: string): string | undefined;
}

const kinds = [
  "attentions",
  "models",
  "datasets",
  "metrics",
  "losses",
  "augmentations",
  "backends",
] as const satisfies readonly Kind[];

/**
 * One table per kind. A registry is a value: two can exist side by side.
 *
 * @throws GanymedeError `invalid-argument` when a plugin's `apiVersion` is not 1 or two plugins own one id, naming both.
 */
export function createRegistry(plugins: readonly Plugin[]): Registry {
  const tables = new Map<Kind, Map<string, { owner: string; entry: { readonly id: string } }>>(
    kinds.map((kind) => [kind, new Map()]),
  );
  for (const plugin of plugins) {
    if (plugin.apiVersion !== 1) {
      throw new GanymedeError(
        "invalid-argument",
        `createRegistry: apiVersion of "${plugin.name}" must be 1, got ${String(plugin.apiVersion)}; install a version of the plugin made for this @ganymede/core`,
      );
    }
    for (const kind of kinds) {
      const table = tables.get(kind)!;
      for (const entry of plugin[kind] ?? []) {
        const present = table.get(entry.id);
        if (present !== undefined) {
          throw new GanymedeError(
            "invalid-argument",
            `createRegistry: ${kind} must have one owner per id, got "${entry.id}" from "${present.owner}" and from "${plugin.name}"; remove one of the two plugins`,
          );
        }
        table.set(entry.id, { owner: plugin.name, entry });
      }
    }
  }
  return {
    plugins,
    get<K extends Kind>(kind: K, id: string): Entry<K> {
      const found = tables.get(kind)!.get(id);
      if (found === undefined) {
        const known = [...tables.get(kind)!.keys()].sort().join(", ") || "none";
        throw new GanymedeError("unknown-name", `registry: no ${kind} entry is called "${id}"; known: ${known}`);
      }
      return found.entry as Entry<K>;
    },
    list<K extends Kind>(kind: K): readonly Entry<K>[] {
      return [...tables.get(kind)!.values()].map((found) => found.entry as Entry<K>);
    },
    owner: (kind, id) => tables.get(kind)!.get(id)?.owner,
  };
}

import { nearNames, suggestion } from "../config/near-names.js";
import { GanymedeError } from "../errors/ganymede-error.js";
import { shorten } from "../errors/shorten.js";
import type { Plugin } from "./plugin.js";

/** The kinds of components that plugins provide. */
export type Kind = Exclude<keyof Plugin, "apiVersion" | "name">;

type Entry<K extends Kind> = NonNullable<Plugin[K]>[number];

/** All components of some plugins, by kind and id. */
export interface Registry {
  readonly plugins: readonly Plugin[];
  /** @throws GanymedeError `unknown-name` with the known ids. */
  get<K extends Kind>(kind: K, id: string): Entry<K>;
  list<K extends Kind>(kind: K): readonly Entry<K>[];
  /** Name of the plugin that provides the entry. */
  owner(kind: Kind, id: string): string | undefined;
}

interface KindRule {
  /** Name of the kind in errors. */
  readonly name: string;
  /** Members that an entry must have in addition to `id` and `source`, with their types. */
  readonly members: Readonly<Record<string, "function" | "object">>;
  /** False for kinds without a source, such as backends. */
  readonly sourced?: false;
}

const component = { defaults: "object", create: "function" } as const;

const kinds: Readonly<Record<Kind, KindRule>> = {
  attentions: { name: "attention", members: component },
  mixers: { name: "token mixer", members: component },
  models: { name: "model family", members: { presets: "object", configure: "function", create: "function" } },
  datasets: { name: "dataset", members: { detect: "function", open: "function" } },
  metrics: { name: "metric", members: component },
  extractors: { name: "feature extractor", members: component },
  losses: { name: "loss", members: component },
  discriminatorTerms: { name: "discriminator term", members: component },
  generatorTerms: { name: "generator term", members: component },
  augmentations: { name: "augmentation", members: component },
  optimizers: { name: "optimizer", members: component },
  schedules: { name: "schedule", members: component },
  loggers: { name: "logger", members: component },
  callbacks: { name: "callback", members: component },
  backends: { name: "backend", members: { unavailable: "function", activate: "function" }, sourced: false },
};

/** All kinds of components. */
export const componentKinds = Object.keys(kinds) as readonly Kind[];

function refuse(rule: string): never {
  throw new GanymedeError("invalid-argument", `createRegistry: ${rule}`);
}

/** Checks a plugin's API version and keys. */
function checkPlugin(plugin: Plugin): void {
  if (plugin.apiVersion !== 1) {
    refuse(
      `apiVersion of "${plugin.name}" must be 1, got ${String(plugin.apiVersion)}; install a version of the plugin made for this @ganymede/core`,
    );
  }
  const known = ["apiVersion", "name", ...componentKinds];
  for (const key of Object.keys(plugin)) {
    if (!known.includes(key))
      refuse(`the plugin "${plugin.name}" has an unknown kind "${key}"; ${suggestion(key, known)}`);
  }
  for (const kind of componentKinds) {
    const entries: unknown = plugin[kind];
    if (entries !== undefined && !Array.isArray(entries)) {
      refuse(`${kind} of the plugin "${plugin.name}" must be a list, got ${typeof entries}; put its entries in [ ]`);
    }
  }
}

/** Checks the members of an entry. */
function checkEntry(plugin: Plugin, kind: Kind, entry: Readonly<Record<string, unknown>>, index: number): void {
  const { name, members, sourced } = kinds[kind];
  const got = (value: unknown) => (value === null ? "null" : Array.isArray(value) ? "a list" : typeof value);
  const isEntry = (typeof entry === "object" && entry !== null) || typeof entry === "function";
  const who = `the plugin "${plugin.name}"`;
  if (!isEntry) refuse(`${kind}[${index}] of ${who} must be a ${name}, got ${got(entry)}`);
  if (typeof entry.id !== "string" || entry.id === "") {
    refuse(`the id of ${kind}[${index}] of ${who} must be a string, got ${got(entry.id)}; give the ${name} a name`);
  }
  if (sourced !== false && typeof entry.source !== "string") {
    refuse(`the ${name} "${entry.id}" of ${who} must have a source, got ${got(entry.source)}; name its paper or code`);
  }
  for (const [member, type] of Object.entries(members)) {
    if (typeof entry[member] === type && entry[member] !== null) continue;
    const others = Object.keys(entry).filter((other) => other !== member);
    const near = nearNames(member, others)[0];
    const hint = near === undefined ? "" : `; it has "${near}"`;
    refuse(`the ${name} "${entry.id}" of ${who} must have ${member} (${type}), got ${got(entry[member])}${hint}`);
  }
}

/**
 * Creates a registry, with one table per kind. A registry is a value: several can exist side by side.
 *
 * @throws GanymedeError `invalid-argument` with the plugin's name: for another `apiVersion`, an unknown kind, an entry that lacks a
 *   member, or an id that two plugins provide.
 */
export function createRegistry(plugins: readonly Plugin[]): Registry {
  const tables = new Map<Kind, Map<string, { owner: string; entry: { readonly id: string } }>>(
    componentKinds.map((kind) => [kind, new Map()]),
  );
  for (const plugin of plugins) {
    checkPlugin(plugin);
    for (const kind of componentKinds) {
      const table = tables.get(kind)!;
      for (const [index, entry] of (plugin[kind] ?? []).entries()) {
        checkEntry(plugin, kind, entry as unknown as Readonly<Record<string, unknown>>, index);
        const present = table.get(entry.id);
        if (present !== undefined) {
          refuse(
            `${kind} must have one owner per id, got "${entry.id}" from "${present.owner}" and from "${plugin.name}"; remove one of the two plugins`,
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
        const known = [...tables.get(kind)!.keys()];
        throw new GanymedeError(
          "unknown-name",
          `there is no ${kinds[kind].name} "${shorten(id)}"; ${suggestion(id, known)}`,
        );
      }
      return found.entry as Entry<K>;
    },
    list<K extends Kind>(kind: K): readonly Entry<K>[] {
      return [...tables.get(kind)!.values()].map((found) => found.entry as Entry<K>);
    },
    owner: (kind, id) => tables.get(kind)!.get(id)?.owner,
  };
}

import { existsSync, readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { dirname, join, resolve } from "node:path";
import type { Kind, Registry } from "@ganymede/core";
import { componentKinds, createRegistry, GanymedeError } from "@ganymede/core";
import type { ModelChoice, PluginRecord } from "../run/run-config.js";
import { isPath, loadPlugin } from "./load-plugin.js";

/** Plugins of this package and its dependencies. */
const own: readonly string[] = ["@ganymede/core", "@ganymede/training", "@ganymede/data", "@ganymede/metrics"];

/** Kinds of parts that a configuration never names. */
const unnamed: readonly Kind[] = ["datasets", "metrics", "extractors", "loggers", "callbacks", "backends"];

/** Every string in a value, at any depth. */
function textsIn(value: unknown): readonly string[] {
  if (typeof value === "string") return [value];
  return typeof value === "object" && value !== null ? Object.values(value).flatMap(textsIn) : [];
}

function versionIn(folder: string): string | null {
  const path = join(folder, "package.json");
  if (!existsSync(path)) return null;
  const { version } = JSON.parse(readFileSync(path, "utf8")) as { readonly version?: string };
  return version ?? null;
}

/** Version of the package that a specifier names or that contains a file; null if there is none. */
function versionOf(specifier: string, cwd: string): string | null {
  if (isPath(specifier)) {
    for (let folder = resolve(cwd, specifier); folder !== dirname(folder); folder = dirname(folder)) {
      const version = versionIn(folder);
      if (version !== null) return version;
    }
    return null;
  }
  // Not through the package's exports, which may not include its manifest. Packages of the command are siblings of this one.
  const places = [join(cwd, "package.json"), import.meta.url].flatMap(
    (from) => createRequire(from).resolve.paths(specifier) ?? [],
  );
  for (const place of places) {
    const version = versionIn(join(place, specifier));
    if (version !== null) return version;
  }
  return null;
}

/**
 * The plugins that a run needs: those passed to it, and the owners of what its configuration names.
 *
 * @param specifiers how passed plugins are loaded, by plugin name; for others, the specifier is the name.
 */
export function neededPlugins(
  registry: Registry,
  choice: ModelChoice,
  specifiers: ReadonlyMap<string, string>,
  cwd: string,
): readonly PluginRecord[] {
  const texts = textsIn([choice.family, choice.model, choice.training]);
  const kinds = componentKinds.filter((kind) => !unnamed.includes(kind));
  const owners = kinds.flatMap((kind) => texts.map((text) => registry.owner(kind, text)));
  const names = new Set([...owners, ...specifiers.keys()]);
  return [...names].flatMap((name) => {
    if (name === undefined || own.includes(name)) return [];
    const given = specifiers.get(name) ?? name;
    // A run may be resumed from another folder.
    const specifier = isPath(given) ? resolve(cwd, given) : given;
    return [{ specifier, name, version: versionOf(specifier, cwd) }];
  });
}

/**
 * Adds the plugins that a run needs to a registry.
 *
 * @param who the run, at the start of the error sentences.
 * @throws GanymedeError `missing-file` for a plugin that cannot be loaded.
 */
export async function withNeededPlugins(
  registry: Registry,
  records: readonly PluginRecord[],
  who: string,
  cwd: string,
): Promise<Registry> {
  const present = new Set(registry.plugins.map(({ name }) => name));
  const missing = records.filter(({ name }) => !present.has(name));
  if (missing.length === 0) return registry;
  const plugins = [...registry.plugins];
  for (const { specifier, name, version } of missing) {
    const what = `the plugin "${name}"${version === null ? "" : ` ${version}`} that the run needs`;
    const plugin = await loadPlugin(cwd, specifier, who, what);
    if (plugin.name !== name) {
      throw new GanymedeError(
        "invalid-config",
        `${who}: the run needs the plugin "${name}", but ${specifier} is now "${plugin.name}"; restore it or pass it in \`plugins\``,
      );
    }
    plugins.push(plugin);
  }
  return createRegistry(plugins);
}

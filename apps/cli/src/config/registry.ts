import { resolve } from "node:path";
import type { Plugin, Registry } from "@ganymede/core";
import { createRegistry } from "@ganymede/core";
import { checkpointSteps, exists, loadPlugin, openForSampling, withNeededPlugins } from "@ganymede/training/node";
import { flattenPlugins } from "./define-config.js";
import { loadConfig } from "./load-config.js";

export interface RegistryOptions {
  readonly cwd: string;
  /** `--config`. */
  readonly config: string | undefined;
  /** `--plugin`, in order. */
  readonly plugins: readonly string[];
}

/** Everything that a command knows. */
export interface Knowledge {
  readonly registry: Registry;
  /** What loads the plugins that are not built in, by their names. */
  readonly specifiers: ReadonlyMap<string, string>;
}

/** The built-in plugins, those of the configuration file, then those of `--plugin`. */
export async function loadPlugins(builtIn: readonly Plugin[], options: RegistryOptions): Promise<Knowledge> {
  const configured = flattenPlugins((await loadConfig(options.cwd, options.config)).plugins ?? []);
  // What a configuration file imports is a package of the plugin's name.
  const specifiers = new Map(configured.map(({ name }) => [name, name]));
  const named: Plugin[] = [];
  for (const specifier of options.plugins) {
    const plugin = await loadPlugin(options.cwd, specifier);
    named.push(plugin);
    specifiers.set(plugin.name, specifier);
  }
  return { registry: createRegistry([...builtIn, ...configured, ...named]), specifiers };
}

export async function loadRegistry(builtIn: readonly Plugin[], options: RegistryOptions): Promise<Registry> {
  return (await loadPlugins(builtIn, options)).registry;
}

/** A registry with the plugins of a run folder or checkpoint too, which need not be named again; other places have none. */
export async function loadRegistryFor(
  place: string,
  builtIn: readonly Plugin[],
  options: RegistryOptions,
): Promise<Registry> {
  const registry = await loadRegistry(builtIn, options);
  const path = resolve(options.cwd, place);
  const isRun = path.endsWith(".safetensors") ? await exists(path) : (await checkpointSteps(path)).length > 0;
  if (!isRun) return registry;
  return withNeededPlugins(registry, (await openForSampling(path, () => undefined)).config.plugins, path, options.cwd);
}

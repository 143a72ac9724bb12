import { dirname, resolve } from "node:path";
import type { Plugin, Registry } from "@ganymede/core";
import { createRegistry } from "@ganymede/core";
import { checkpointSteps, exists, loadPlugin, openForSampling, withNeededPlugins } from "@ganymede/training/node";
import type { CommandContext } from "../context.js";
import { flattenPlugins } from "./define-config.js";
import { loadConfig } from "./load-config.js";
import type { PresetText } from "./project-presets.js";

export interface RegistryOptions {
  readonly cwd: string;
  /** `--config`. */
  readonly config: string | undefined;
  /** `--plugin`, in order. */
  readonly plugins: readonly string[];
}

/** Registry and configuration of a command. */
export interface Knowledge {
  readonly registry: Registry;
  /** How plugins that are not built in are loaded, by name. */
  readonly specifiers: ReadonlyMap<string, string>;
  /** Presets of the configuration file by name, and its path; null without one. */
  readonly project: { readonly path: string | null; readonly presets: Readonly<Record<string, PresetText>> };
}

/**
 * Loads the built-in plugins, those of the configuration file, then those of `--plugin`.
 *
 * @param preset the only preset that the command uses. Without a configuration file and plugins, which may refer to others or have the
 *   same, just what this one needs is loaded.
 */
export async function loadPlugins(
  builtIn: CommandContext["builtIn"],
  options: RegistryOptions,
  preset?: string,
): Promise<Knowledge> {
  const config = await loadConfig(options.cwd, options.config);
  const entries = flattenPlugins(config.plugins);
  const folder = config.path === null ? options.cwd : dirname(config.path);
  const added: Plugin[] = [];
  const specifiers = new Map<string, string>();
  const add = (plugin: Plugin, specifier: string): void => {
    added.push(plugin);
    specifiers.set(plugin.name, specifier);
  };
  for (const entry of entries) {
    // A plugin that a configuration file imports is a package of the plugin's name.
    if (typeof entry !== "string") add(entry, entry.name);
    else {
      const plugin = await loadPlugin(folder, entry, `${config.path}: plugin ${entry}`);
      add(plugin, entry.startsWith(".") ? resolve(folder, entry) : entry);
    }
  }
  for (const specifier of options.plugins)
    add(await loadPlugin(options.cwd, specifier, `--plugin ${specifier}`), specifier);
  const { path, presets } = config;
  const isPlain = path === null && options.plugins.length === 0;
  return {
    registry: createRegistry([...(await builtIn(isPlain ? preset : undefined)), ...added]),
    specifiers,
    project: { path, presets },
  };
}

export async function loadRegistry(builtIn: CommandContext["builtIn"], options: RegistryOptions): Promise<Registry> {
  return (await loadPlugins(builtIn, options)).registry;
}

/** A registry that includes the plugins of a run folder or checkpoint, so that they need not be given again. */
export async function loadRegistryFor(
  place: string,
  builtIn: CommandContext["builtIn"],
  options: RegistryOptions,
): Promise<Registry> {
  const registry = await loadRegistry(builtIn, options);
  const path = resolve(options.cwd, place);
  const isRun = path.endsWith(".safetensors") ? await exists(path) : (await checkpointSteps(path)).length > 0;
  if (!isRun) return registry;
  return withNeededPlugins(registry, (await openForSampling(path, () => undefined)).config.plugins, path, options.cwd);
}

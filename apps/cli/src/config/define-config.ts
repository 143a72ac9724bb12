import type { Plugin } from "@ganymede/core";

/** What `ganymede.config.ts` may say. */
export interface Config {
  /** Added to the built-in plugins; falsy entries vanish, lists flatten. */
  readonly plugins?: readonly PluginEntry[];
}

export type PluginEntry = Plugin | false | null | undefined | readonly PluginEntry[];

/** Keeps the type of a configuration: `export default defineConfig({ plugins: [cosine()] })`. */
export function defineConfig(config: Config): Config {
  return config;
}

/** The plugins of a list, without the entries that were switched off. */
export function flattenPlugins(entries: readonly PluginEntry[]): Plugin[] {
  return entries.flatMap((entry) => {
    if (!entry) return [];
    return Array.isArray(entry) ? flattenPlugins(entry as readonly PluginEntry[]) : [entry as Plugin];
  });
}

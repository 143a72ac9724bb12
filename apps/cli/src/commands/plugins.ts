import type { Plugin } from "@ganymede/core";
import { loadRegistry } from "../config/registry.js";
import type { CommandContext } from "../context.js";
import type { SharedOptions } from "./shared-options.js";

/** The ids that a plugin contributes, by kind; models show their presets too. */
function contributions(plugin: Plugin): Readonly<Record<string, readonly string[]>> {
  const { apiVersion: _, name: __, models, ...lists } = plugin;
  const ids = Object.entries(lists).map(([kind, entries]) => [kind, entries.map(({ id }) => id)] as const);
  const families = models?.map(({ id }) => id) ?? [];
  const presets = models?.flatMap((family) => family.presets.map(({ id }) => id)) ?? [];
  const all = [["models", families] as const, ["presets", presets] as const, ...ids];
  return Object.fromEntries(all.filter(([, list]) => list.length > 0));
}

/** Prints every plugin with what it contributes. */
export async function pluginsCommand(options: SharedOptions, context: CommandContext): Promise<number> {
  const { terminal } = context;
  const registry = await loadRegistry(await context.builtIn(), { ...options, cwd: context.cwd });
  for (const plugin of registry.plugins) {
    const found = contributions(plugin);
    if (options.json) {
      terminal.out(JSON.stringify({ name: plugin.name, ...found }));
      continue;
    }
    terminal.out(terminal.bold(plugin.name));
    for (const [kind, ids] of Object.entries(found)) terminal.out(`  ${kind}: ${ids.join(", ")}`);
  }
  return 0;
}

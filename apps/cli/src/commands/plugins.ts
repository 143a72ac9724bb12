import type { Kind, Registry } from "@ganymede/core";
import { componentKinds } from "@ganymede/core";
import { openMetrics } from "@ganymede/training/node";
import { openPreset } from "../config/preset-file.js";
import type { Knowledge } from "../config/registry.js";
import { loadPlugins } from "../config/registry.js";
import type { CommandContext } from "../context.js";
import { formatTable } from "../output/table.js";
import type { SharedOptions } from "./shared-options.js";

type ListedPreset = { readonly id: string; readonly source: string };

/** A component, as printed by `--json`. */
interface Listed {
  readonly kind: Kind;
  readonly id: string;
  /** Name of its plugin. */
  readonly plugin: string;
  /** URL of the paper or code; null for backends. */
  readonly source: string | null;
  /** Role of an attention. */
  readonly role?: string;
  /** All settings with their defaults, for a component that a configuration can name. */
  readonly settings?: object;
  /** Presets of a family; the source of a preset in the configuration file is that file. */
  readonly presets?: readonly ListedPreset[];
  readonly better?: "smaller" | "larger";
  /** What a metric or an extractor is missing; null if nothing. */
  readonly needs?: string | null;
  readonly device?: string;
}

/** Presets of the configuration file, by family; each is opened, so that errors in them are reported. */
async function projectPresets(known: Knowledge, cwd: string): Promise<ReadonlyMap<string, readonly ListedPreset[]>> {
  const ofFamily = new Map<string, readonly ListedPreset[]>();
  for (const id of Object.keys(known.project.presets)) {
    const { family } = (await openPreset(known, id, cwd)).choice;
    ofFamily.set(family, [...(ofFamily.get(family) ?? []), { id, source: known.project.path as string }]);
  }
  return ofFamily;
}

/** Entries of one kind, without what they need. */
function entriesOf(
  registry: Registry,
  kind: Kind,
  added: ReadonlyMap<string, readonly ListedPreset[]>,
): readonly Listed[] {
  return registry.list(kind).map((entry) => ({
    kind,
    id: entry.id,
    plugin: registry.owner(kind, entry.id) as string,
    source: "source" in entry ? entry.source : null,
    ...("role" in entry && { role: entry.role }),
    ...("defaults" in entry && { settings: entry.defaults }),
    ...("presets" in entry && {
      presets: [...entry.presets, ...(added.get(entry.id) ?? [])].map(({ id, source }) => ({ id, source })),
    }),
    ...("better" in entry && { better: entry.better }),
    ...("device" in entry && { device: entry.device }),
  }));
}

/** Entries of one kind, with what metrics and extractors are missing; loads nothing. */
async function listKind(
  registry: Registry,
  kind: Kind,
  added: ReadonlyMap<string, readonly ListedPreset[]>,
  context: CommandContext,
): Promise<readonly Listed[]> {
  const listed = entriesOf(registry, kind, added);
  if (kind !== "metrics" && kind !== "extractors") return listed;
  const metrics = openMetrics({ ...context, registry, inception: undefined });
  const needsOf = async (id: string): Promise<string | null> => {
    if (kind === "metrics") return metrics.needs(id);
    const extractor = registry.get(kind, id);
    return (await extractor.needs?.(extractor.defaults as never, context, "features")) ?? null;
  };
  return Promise.all(listed.map(async (each) => ({ ...each, needs: await needsOf(each.id) })));
}

/** Detail lines of a component. */
function detailsOf({ settings, presets, needs }: Listed): readonly string[] {
  const all = Object.entries(settings ?? {}).map(([name, value]) => `${name}=${JSON.stringify(value)}`);
  return [
    ...(all.length > 0 ? [`settings: ${all.join(" ")}`] : []),
    ...(presets ? [`presets: ${presets.map(({ id }) => id).join(", ")}`] : []),
    ...(needs ? [`needs ${needs}`] : []),
  ];
}

/** Lists every component of every plugin, by kind. */
export async function pluginsCommand(options: SharedOptions, context: CommandContext): Promise<number> {
  const { terminal } = context;
  const known = await loadPlugins(context.builtIn, { ...options, cwd: context.cwd });
  const { registry } = known;
  const added = await projectPresets(known, context.cwd);
  for (const kind of componentKinds) {
    const listed = await listKind(registry, kind, added, context);
    if (options.json) for (const each of listed) terminal.out(JSON.stringify(each));
    if (options.json || listed.length === 0) continue;
    terminal.out(terminal.bold(kind));
    const rows = listed.map(({ id, plugin, source, device }) => [`  ${id}`, plugin, source ?? device ?? ""]);
    // A table head would be wider than some columns, which are self-explanatory.
    const lines = formatTable(["", "", ""], rows).slice(1);
    for (const [index, line] of lines.entries()) {
      terminal.out(line);
      for (const detail of detailsOf(listed[index] as Listed)) terminal.out(`      ${detail}`);
    }
  }
  return 0;
}

import { readFile, realpath } from "node:fs/promises";
import { dirname, resolve } from "node:path";
import { GanymedeError } from "@ganymede/core";
import { suggestion } from "@ganymede/core/config";
import type { ModelChoice, Override } from "@ganymede/training";
import { listPresets, overrideModel, resolveModel } from "@ganymede/training";
import { parseRunConfig, withNeededPlugins } from "@ganymede/training/node";
import type { PresetText } from "./project-presets.js";
import { checkPreset, isRecord } from "./project-presets.js";
import type { Knowledge } from "./registry.js";

/** The configuration of a preset, and the registry with the plugins that it needs. */
export interface OpenedPreset {
  readonly known: Knowledge;
  readonly choice: ModelChoice;
}

/** Whether the text is a file path, not a preset of a plugin or of the configuration file. */
export const isPresetFile = (base: string): boolean => base.endsWith(".json");

/** Whether the text is a project preset, whose name a run does not record: a file, or a preset of the configuration file. */
export const isOwnPreset = ({ project }: Knowledge, base: string): boolean =>
  isPresetFile(base) || Object.hasOwn(project.presets, base);

/** Id of the preset: for a file its name, for the config.json of a run the name of the run's folder. */
export function presetName(base: string): string {
  return isPresetFile(base) ? base.replace(/([\\/]config)?\.json$/, "").replace(/^.*[\\/]/, "") : base;
}

/** Adds the preset to errors about its content. */
function inPreset<Value>(who: string, make: () => Value): Value {
  try {
    return make();
  } catch (error) {
    if (!GanymedeError.is(error)) throw error;
    throw new GanymedeError(error.code, `${who}: ${error.message}`, { cause: error });
  }
}

/** The real path, which identifies a file reached by different links, and its text. */
async function readText(path: string): Promise<readonly [path: string, text: string]> {
  try {
    const real = await realpath(path);
    return [real, await readFile(real, "utf8")];
  } catch (cause) {
    throw new GanymedeError("missing-file", `${path}: the preset file cannot be read; check the path`, { cause });
  }
}

function parse(text: string, path: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    throw new GanymedeError("invalid-config", `${path} is not valid JSON; fix the file`);
  }
}

/** The settings that a preset changes. */
const overridesIn = (preset: PresetText): readonly Override[] =>
  (["model", "training"] as const).flatMap((part) =>
    Object.entries(preset[part]).map(([name, value]) => ({ path: [part, name], value: value as Override["value"] })),
  );

/** @throws GanymedeError `unknown-name` for a preset that neither a plugin nor the configuration file has. */
function presetOfPlugin({ registry, project }: Knowledge, id: string): ModelChoice {
  const ids = [...listPresets(registry).map(({ preset }) => preset.id), ...Object.keys(project.presets)];
  if (ids.includes(id)) return resolveModel(registry, id, []);
  throw new GanymedeError("unknown-name", `preset must be a known name, got "${id}"; ${suggestion(id, ids)}`);
}

/** A preset that extends another one. */
async function extend(
  known: Knowledge,
  preset: PresetText,
  { who, folder }: { readonly who: string; readonly folder: string },
  chain: readonly string[],
): Promise<OpenedPreset> {
  const below = isOwnPreset(known, preset.extends)
    ? await openPreset(known, preset.extends, folder, [...chain, who])
    : { known, choice: inPreset(who, () => presetOfPlugin(known, preset.extends)) };
  const choice = inPreset(who, () => overrideModel(below.known.registry, below.choice, overridesIn(preset)));
  return { known: below.known, choice };
}

function expectNoCircle(who: string, chain: readonly string[]): void {
  if (!chain.includes(who)) return;
  const circle = [...chain.slice(chain.indexOf(who)), who].join(" > ");
  throw new GanymedeError("invalid-config", `${who}: extends must not be circular, got ${circle}; change one of them`);
}

/** @throws GanymedeError `invalid-config` for a name that a plugin's preset has too. */
function expectOneOwner({ registry, project }: Knowledge, name: string): void {
  const twin = listPresets(registry).find(({ preset }) => preset.id === name);
  if (twin === undefined) return;
  throw new GanymedeError(
    "invalid-config",
    `${project.path}: preset names must be unique, got "${name}", which is also one of ${registry.owner("models", twin.family.id)}; rename it`,
  );
}

/**
 * Opens a preset: a plugin's by id; one of the configuration file by name; the `config.json` of a run, with the plugins that the run needs; or
 * a file `{ "extends": "vitgan-tiny" | "./other.json", "model": {...}, "training": {...} }`, whose settings are merged into those of the
 * preset that it extends. `extends` is relative to the file and may be chained.
 *
 * @param cwd base folder of relative paths.
 * @param chain presets being opened, to detect cycles.
 * @throws GanymedeError `missing-file`, `unknown-name` for an unknown preset, `invalid-config` for invalid content.
 */
export async function openPreset(
  known: Knowledge,
  base: string,
  cwd: string,
  chain: readonly string[] = [],
): Promise<OpenedPreset> {
  if (!isOwnPreset(known, base)) return { known, choice: presetOfPlugin(known, base) };
  if (!isPresetFile(base)) {
    const { path, presets } = known.project;
    const who = `${path}: preset "${base}"`;
    expectOneOwner(known, base);
    expectNoCircle(who, chain);
    return extend(known, presets[base] as PresetText, { who, folder: dirname(path as string) }, chain);
  }
  const [path, text] = await readText(resolve(cwd, base));
  expectNoCircle(path, chain);
  const file = parse(text, path);
  if (isRecord(file) && Object.hasOwn(file, "format")) {
    const { family, preset, model, training, plugins } = parseRunConfig(text, path);
    const registry = await withNeededPlugins(known.registry, plugins, path, cwd);
    const needed = plugins.map(({ name, specifier }) => [name, specifier] as const);
    const specifiers = new Map([...needed, ...known.specifiers]);
    const choice = inPreset(path, () => overrideModel(registry, { family, preset, model, training }, []));
    return { known: { ...known, registry, specifiers }, choice };
  }
  return extend(known, checkPreset(file, path), { who: path, folder: dirname(path) }, chain);
}

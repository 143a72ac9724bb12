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

/** A preset's configuration, and what is known together with the plugins that it needs. */
export interface OpenedPreset {
  readonly known: Knowledge;
  readonly choice: ModelChoice;
}

/** Whether the text names a file, and not a preset of a plugin or of the configuration file. */
export const isPresetFile = (base: string): boolean => base.endsWith(".json");

/** Whether the text names a preset of one's own, which a run does not record: a file, or one of the configuration file. */
export const isOwnPreset = ({ project }: Knowledge, base: string): boolean =>
  isPresetFile(base) || Object.hasOwn(project.presets, base);

/** The preset's id; of a file its name, of a run's config.json that of the run's folder. */
export function presetName(base: string): string {
  return isPresetFile(base) ? base.replace(/([\\/]config)?\.json$/, "").replace(/^.*[\\/]/, "") : base;
}

/** Errors of what a preset says name it. */
function inPreset<Value>(who: string, make: () => Value): Value {
  try {
    return make();
  } catch (error) {
    if (!GanymedeError.is(error)) throw error;
    throw new GanymedeError(error.code, `${who}: ${error.message}`, { cause: error });
  }
}

/** The real path, by which a file is known again whatever links lead to it, and the text. */
async function readText(path: string): Promise<readonly [path: string, text: string]> {
  try {
    const real = await realpath(path);
    return [real, await readFile(real, "utf8")];
  } catch (cause) {
    throw new GanymedeError(
      "missing-file",
      `${path}: a preset must be a readable JSON file or the id of one, got no such file; check the path`,
      { cause },
    );
  }
}

function parse(text: string, path: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    throw new GanymedeError("invalid-config", `${path}: a preset must be JSON, got other text; mend the file`);
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
  throw new GanymedeError("unknown-name", `a preset must be a known one, got "${id}"; ${suggestion(id, ids)}`);
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
  throw new GanymedeError(
    "invalid-config",
    `${who}: extends must end at a preset, got the circle ${circle}; change one of them`,
  );
}

/** @throws GanymedeError `invalid-config` for a name that a plugin's preset has too. */
function expectOneOwner({ registry, project }: Knowledge, name: string): void {
  const twin = listPresets(registry).find(({ preset }) => preset.id === name);
  if (twin === undefined) return;
  throw new GanymedeError(
    "invalid-config",
    `${project.path}: a preset must have a name of its own, got "${name}", which is one of ${registry.owner("models", twin.family.id)}; give it another`,
  );
}

/**
 * A preset by its id; one of the configuration file by its name; a run's `config.json`, with the plugins that the run needs; or a file
 * `{ "extends": "vitgan-tiny" | "./other.json", "model": {...}, "training": {...} }`, whose settings are merged into those of what it extends.
 * `extends` is relative to the file and may chain.
 *
 * @param cwd the folder that a path is relative to.
 * @param chain presets that are being read, to find one that extends itself.
 * @throws GanymedeError `missing-file`, `unknown-name` for a preset that there is not, `invalid-config` for what the preset says.
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

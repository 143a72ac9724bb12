import { readFile, realpath } from "node:fs/promises";
import { dirname, resolve } from "node:path";
import { GanymedeError } from "@ganymede/core";
import { suggestion } from "@ganymede/core/config";
import type { ModelChoice, Override } from "@ganymede/training";
import { overrideModel, resolveModel } from "@ganymede/training";
import { parseRunConfig, withNeededPlugins } from "@ganymede/training/node";
import type { Knowledge } from "./registry.js";

type Data = Readonly<Record<string, unknown>>;

/** A preset's configuration, and what is known together with the plugins that it needs. */
export interface OpenedPreset {
  readonly known: Knowledge;
  readonly choice: ModelChoice;
}

const knownKeys = ["extends", "model", "training"] as const;

/** Whether the text names a file, and not a preset of a plugin. */
export const isPresetFile = (base: string): boolean => base.endsWith(".json");

/** The preset's id; of a file its name, of a run's config.json that of the run's folder. */
export function presetName(base: string): string {
  return isPresetFile(base) ? base.replace(/([\\/]config)?\.json$/, "").replace(/^.*[\\/]/, "") : base;
}

const isRecord = (value: unknown): value is Data =>
  typeof value === "object" && value !== null && !Array.isArray(value);

function refuse(path: string, rule: string): never {
  throw new GanymedeError("invalid-config", `${path}: ${rule}`);
}

/** Errors of what the file says name the file. */
function inFile<Value>(path: string, make: () => Value): Value {
  try {
    return make();
  } catch (error) {
    if (!GanymedeError.is(error)) throw error;
    throw new GanymedeError(error.code, `${path}: ${error.message}`, { cause: error });
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

function parse(text: string, path: string): Data {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    return refuse(path, "a preset must be JSON, got other text; mend the file");
  }
  return isRecord(value)
    ? value
    : refuse(
        path,
        'a preset must be a record such as {"extends":"vitgan-tiny","training":{"batch":16}}; mend the file',
      );
}

/** The settings that a preset file changes. */
function overridesIn(preset: Data, path: string): readonly Override[] {
  return (["model", "training"] as const).flatMap((part) => {
    const settings = Object.hasOwn(preset, part) ? preset[part] : {};
    if (!isRecord(settings)) refuse(path, `${part} must be a record of settings, got ${JSON.stringify(settings)}`);
    return Object.entries(settings).map(([name, value]) => ({ path: [part, name], value: value as Override["value"] }));
  });
}

/** @throws GanymedeError `invalid-config` for an unknown key, or without a preset to start from. */
function startOf(preset: Data, path: string): string {
  for (const name of Object.keys(preset)) {
    if ((knownKeys as readonly string[]).includes(name)) continue;
    refuse(path, `every key of a preset must be a known one, got "${name}"; ${suggestion(name, knownKeys)}`);
  }
  if (typeof preset.extends === "string") return preset.extends;
  return refuse(path, "extends must be the id of a preset or a .json file beside this one; name what it starts from");
}

/**
 * A preset by its id; a run's `config.json`, with the plugins that the run needs; or a file
 * `{ "extends": "vitgan-tiny" | "./other.json", "model": {...}, "training": {...} }`, whose settings are merged into those of what it extends.
 * `extends` is relative to the file and may chain.
 *
 * @param cwd the folder that a path is relative to.
 * @param chain files that are being read, to find one that extends itself.
 * @throws GanymedeError `missing-file`, `unknown-name` for a preset that no plugin brings, `invalid-config` for what the file says.
 */
export async function openPreset(
  known: Knowledge,
  base: string,
  cwd: string,
  chain: readonly string[] = [],
): Promise<OpenedPreset> {
  if (!isPresetFile(base)) return { known, choice: resolveModel(known.registry, base, []) };
  const [path, text] = await readText(resolve(cwd, base));
  if (chain.includes(path)) {
    refuse(path, `extends must end at a preset, got the circle ${[...chain, path].join(" > ")}; change one of them`);
  }
  const file = parse(text, path);
  if (Object.hasOwn(file, "format")) {
    const { family, preset, model, training, plugins } = parseRunConfig(text, path);
    const registry = await withNeededPlugins(known.registry, plugins, path, cwd);
    const needed = plugins.map(({ name, specifier }) => [name, specifier] as const);
    const specifiers = new Map([...needed, ...known.specifiers]);
    const choice = inFile(path, () => overrideModel(registry, { family, preset, model, training }, []));
    return { known: { registry, specifiers }, choice };
  }
  const start = startOf(file, path);
  const overrides = overridesIn(file, path);
  const below = isPresetFile(start)
    ? await openPreset(known, start, dirname(path), [...chain, path])
    : { known, choice: inFile(path, () => resolveModel(known.registry, start, [])) };
  return { ...below, choice: inFile(path, () => overrideModel(below.known.registry, below.choice, overrides)) };
}

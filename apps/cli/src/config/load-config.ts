import { access, readFile } from "node:fs/promises";
import { join, resolve } from "node:path";
import { GanymedeError } from "@ganymede/core";
import { suggestion } from "@ganymede/core/config";
import { importFile, reasonOf } from "@ganymede/training/node";
import type { Config, PluginEntry } from "./define-config.js";
import type { PresetText } from "./project-presets.js";
import { checkPresets } from "./project-presets.js";

const fileNames = ["ts", "mts", "js", "mjs", "json"].map((ending) => `ganymede.config.${ending}`);

const knownKeys = ["plugins", "presets"] as const satisfies readonly (keyof Config)[];

/** A configuration, and the file that it was read from; null without one. */
export interface LoadedConfig {
  readonly path: string | null;
  readonly plugins: readonly PluginEntry[];
  readonly presets: Readonly<Record<string, PresetText>>;
}

async function exists(path: string): Promise<boolean> {
  try {
    await access(path);
    return true;
  } catch {
    return false;
  }
}

/** The value of a data file, or the default export of a code file. */
async function read(path: string): Promise<unknown> {
  try {
    return path.endsWith(".json") ? JSON.parse(await readFile(path, "utf8")) : await importFile(path);
  } catch (error) {
    throw new GanymedeError(
      "invalid-config",
      `${path}: the configuration must load, but ${reasonOf(error)}; fix the file`,
      {
        cause: error,
      },
    );
  }
}

/** @throws GanymedeError `invalid-config` for an invalid configuration. */
function checkConfig(config: unknown, path: string): Omit<LoadedConfig, "path"> {
  const refuse = (rule: string) => new GanymedeError("invalid-config", `${path}: ${rule}`);
  if (typeof config !== "object" || config === null || Array.isArray(config)) {
    const got = config === null ? "null" : Array.isArray(config) ? "a list" : typeof config;
    throw refuse(
      path.endsWith(".json")
        ? `the file must contain a configuration, got ${got}; write { "presets": {} }`
        : `the default export must be a configuration, got ${got}; write export default defineConfig({ plugins: [] })`,
    );
  }
  for (const name of Object.keys(config)) {
    if ((knownKeys as readonly string[]).includes(name)) continue;
    throw refuse(`every key must be a known one, got "${name}"; ${suggestion(name, knownKeys)}`);
  }
  const { plugins = [], presets = {} }: { plugins?: unknown; presets?: unknown } = config;
  if (!Array.isArray(plugins)) throw refuse(`plugins must be a list, got ${typeof plugins}; put them in [ ]`);
  return { plugins, presets: checkPresets(presets, path) };
}

/**
 * Loads `ganymede.config.ts` (or .mts, .js, .mjs, .json) of a folder, or the file of `--config`, including TypeScript. Except for JSON,
 * loading it runs its code.
 *
 * @throws GanymedeError `missing-file` if the file does not exist, `invalid-config` if it does not load, or has an unknown key or an
 *   invalid preset.
 */
export async function loadConfig(cwd: string, named: string | undefined): Promise<LoadedConfig> {
  let path: string | undefined;
  if (named !== undefined) {
    path = resolve(cwd, named);
    if (!(await exists(path))) {
      throw new GanymedeError("missing-file", `--config: ${path} does not exist; check the path`);
    }
  } else {
    for (const name of fileNames) if (path === undefined && (await exists(join(cwd, name)))) path = join(cwd, name);
  }
  if (path === undefined) return { path: null, plugins: [], presets: {} };
  return { path, ...checkConfig(await read(path), path) };
}

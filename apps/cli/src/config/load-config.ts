import { access } from "node:fs/promises";
import { createRequire } from "node:module";
import { isAbsolute, join, resolve } from "node:path";
import { pathToFileURL } from "node:url";
import type { Plugin } from "@ganymede/core";
import { GanymedeError } from "@ganymede/core";
import { suggestion } from "@ganymede/core/config";
import { createJiti } from "jiti";
import type { Config } from "./define-config.js";

const fileNames = ["ganymede.config.ts", "ganymede.config.mts", "ganymede.config.js", "ganymede.config.mjs"] as const;

const knownKeys = ["plugins"] as const satisfies readonly (keyof Config)[];

async function exists(path: string): Promise<boolean> {
  try {
    await access(path);
    return true;
  } catch {
    return false;
  }
}

const reason = (error: unknown): string =>
  (error instanceof Error ? error.message.split("\n")[0]?.trim() : String(error)) ?? "";

async function importFile(path: string): Promise<unknown> {
  // jiti keeps what it compiled in a folder of a known name under the system's temporary one, where another user may put code first.
  const jiti = createJiti(pathToFileURL(path).href, { interopDefault: false, fsCache: false });
  return (await jiti.import<{ default?: unknown }>(path)).default;
}

/**
 * Reads `ganymede.config.ts` (or .mts, .js, .mjs) of a folder, or the file that `--config` names; TypeScript is understood. It is
 * code, and reading it runs it.
 *
 * @throws GanymedeError `missing-file` when the named file is not there, `invalid-config` when it does not load or holds an
 *   unknown key.
 */
export async function loadConfig(cwd: string, named: string | undefined): Promise<Config> {
  let path: string | undefined;
  if (named !== undefined) {
    path = resolve(cwd, named);
    if (!(await exists(path))) {
      throw new GanymedeError("missing-file", `--config: the file must exist, got ${path}; check the path`);
    }
  } else {
    for (const name of fileNames) if (path === undefined && (await exists(join(cwd, name)))) path = join(cwd, name);
  }
  if (path === undefined) return {};
  let config: unknown;
  try {
    config = await importFile(path);
  } catch (error) {
    throw new GanymedeError(
      "invalid-config",
      `${path}: the configuration must load, but ${reason(error)}; mend the file`,
      {
        cause: error,
      },
    );
  }
  if (typeof config !== "object" || config === null) {
    throw new GanymedeError(
      "invalid-config",
      `${path}: the default export must be a configuration, got ${typeof config}; write export default defineConfig({ plugins: [] })`,
    );
  }
  for (const name of Object.keys(config)) {
    if ((knownKeys as readonly string[]).includes(name)) continue;
    throw new GanymedeError(
      "invalid-config",
      `${path}: every key must be a known one, got "${name}"; ${suggestion(name, knownKeys)}`,
    );
  }
  return config;
}

/**
 * The plugin of `--plugin <package>`: the default export of a package installed where the command runs, or of a file there; a
 * function is called without arguments.
 *
 * @throws GanymedeError `missing-file` when it cannot be found or loaded, `invalid-config` when it exports no plugin.
 */
export async function loadPlugin(cwd: string, name: string): Promise<Plugin> {
  const file = name.startsWith(".") || isAbsolute(name);
  let loaded: unknown;
  try {
    const from = createRequire(join(cwd, "package.json"));
    const path = file ? resolve(cwd, name) : await resolvePackage(from, cwd, name);
    loaded = await importFile(path);
  } catch (error) {
    throw new GanymedeError(
      "missing-file",
      `--plugin ${name}: the ${file ? "file" : "package"} must load, but ${reason(error)}; ${file ? "check its path and what it says" : `install it with: npm install ${name}`}`,
      { cause: error },
    );
  }
  const plugin: unknown = typeof loaded === "function" ? loaded() : loaded;
  if (typeof plugin !== "object" || plugin === null || !("apiVersion" in plugin) || !("name" in plugin)) {
    throw new GanymedeError(
      "invalid-config",
      `--plugin ${name}: the default export must be a plugin or a function that gives one, got ${typeof plugin}; see definePlugin`,
    );
  }
  return plugin as Plugin;
}

/** A package that has only an `import` condition cannot be found by require: look with the rules of `import` then. */
async function resolvePackage(from: NodeJS.Require, cwd: string, name: string): Promise<string> {
  const jiti = createJiti(pathToFileURL(join(cwd, "package.json")).href, { fsCache: false });
  try {
    return jiti.esmResolve(name);
  } catch {
    return from.resolve(name);
  }
}

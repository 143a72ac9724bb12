import { access } from "node:fs/promises";
import { join, resolve } from "node:path";
import { GanymedeError } from "@ganymede/core";
import { suggestion } from "@ganymede/core/config";
import { importFile, reasonOf } from "@ganymede/training/node";
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
      `${path}: the configuration must load, but ${reasonOf(error)}; mend the file`,
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

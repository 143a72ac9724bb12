import { createRequire } from "node:module";
import { isAbsolute, join, resolve } from "node:path";
import { pathToFileURL } from "node:url";
import type { Plugin } from "@ganymede/core";
import { GanymedeError } from "@ganymede/core";
import { createJiti } from "jiti";

/** The default export of a file of JavaScript or TypeScript; reading it runs it. */
export async function importFile(path: string): Promise<unknown> {
  // jiti keeps what it compiled in a folder of a known name under the system's temporary one, where another user may put code first.
  const jiti = createJiti(pathToFileURL(path).href, { interopDefault: false, fsCache: false });
  return (await jiti.import<{ default?: unknown }>(path)).default;
}

/** The first line of an error, for the middle of a sentence. */
export const reasonOf = (error: unknown): string =>
  (error instanceof Error ? error.message.split("\n")[0] : String(error)) ?? "";

/** Whether a specifier names a file or folder rather than a package. */
export const isPath = (specifier: string): boolean => specifier.startsWith(".") || isAbsolute(specifier);

/** A package that has only an `import` condition cannot be found by require: look with the rules of `import` first. */
function resolvePackage(cwd: string, name: string): string {
  const jiti = createJiti(pathToFileURL(join(cwd, "package.json")).href, { fsCache: false });
  try {
    return jiti.esmResolve(name);
  } catch {
    return createRequire(join(cwd, "package.json")).resolve(name);
  }
}

/**
 * The plugin that a specifier names: the default export of a package installed in `cwd` or above, or of a file or folder there; a function
 * is called without arguments.
 *
 * @param who begins the sentences of errors.
 * @param what is said to load there.
 * @throws GanymedeError `missing-file` when it cannot be found or loaded, `invalid-config` when it exports no plugin.
 */
export async function loadPlugin(
  cwd: string,
  specifier: string,
  who = `plugin ${specifier}`,
  what = `the ${isPath(specifier) ? "file" : "package"}`,
): Promise<Plugin> {
  const file = isPath(specifier);
  let loaded: unknown;
  try {
    loaded = await importFile(file ? resolve(cwd, specifier) : resolvePackage(cwd, specifier));
  } catch (error) {
    throw new GanymedeError(
      "missing-file",
      `${who}: ${what} must load, but ${reasonOf(error)}; ${file ? "check its path and what it says" : `install it with: npm install ${specifier}`}`,
      { cause: error },
    );
  }
  const plugin: unknown = typeof loaded === "function" ? loaded() : loaded;
  if (typeof plugin !== "object" || plugin === null || !("apiVersion" in plugin) || !("name" in plugin)) {
    throw new GanymedeError(
      "invalid-config",
      `${who}: the default export must be a plugin or a function that gives one, got ${typeof plugin}; see definePlugin`,
    );
  }
  return plugin as Plugin;
}

import { createRequire } from "node:module";
import { isAbsolute, join, resolve } from "node:path";
import { pathToFileURL } from "node:url";
import type { Plugin } from "@ganymede/core";
import { GanymedeError } from "@ganymede/core";

/** The default export of a JavaScript or TypeScript file; importing it runs it. */
export async function importFile(path: string): Promise<unknown> {
  const { createJiti } = await import("jiti");
  // jiti caches compiled code in a folder of predictable name under the temporary directory, where another user could plant code.
  const jiti = createJiti(pathToFileURL(path).href, { interopDefault: false, fsCache: false });
  return (await jiti.import<{ default?: unknown }>(path)).default;
}

/** The first line of an error's message. */
export const reasonOf = (error: unknown): string =>
  (error instanceof Error ? error.message.split("\n")[0] : String(error)) ?? "";

/** Whether a specifier is a path rather than a package name. */
export const isPath = (specifier: string): boolean => specifier.startsWith(".") || isAbsolute(specifier);

/** A package with only an `import` condition cannot be resolved by require: try the rules of `import` first. */
async function resolvePackage(cwd: string, name: string): Promise<string> {
  const { createJiti } = await import("jiti");
  const jiti = createJiti(pathToFileURL(join(cwd, "package.json")).href, { fsCache: false });
  try {
    return jiti.esmResolve(name);
  } catch {
    return createRequire(join(cwd, "package.json")).resolve(name);
  }
}

/**
 * Loads a plugin: the default export of a package installed in `cwd` or above, or of a file or folder there. A function is called without
 * arguments.
 *
 * @param who start of the error sentences.
 * @param what description of what is loaded, for errors.
 * @throws GanymedeError `missing-file` if it cannot be found or loaded, `invalid-config` if it exports no plugin.
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
    loaded = await importFile(file ? resolve(cwd, specifier) : await resolvePackage(cwd, specifier));
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
      `${who}: the default export must be a plugin or a function that returns one, got ${typeof plugin}; see definePlugin`,
    );
  }
  return plugin as Plugin;
}

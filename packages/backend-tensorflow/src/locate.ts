import { existsSync, readdirSync, realpathSync } from "node:fs";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import { pathToFileURL } from "node:url";

/** An installed tfjs-node. */
export interface Installation {
  /** True for `@tensorflow/tfjs-node-gpu`. */
  readonly gpu: boolean;
  /** Module to load with `require`. */
  readonly main: string;
  /** Its native addon, which contains libtensorflow. */
  readonly binding: string;
}

const packages = ["@tensorflow/tfjs-node-gpu", "@tensorflow/tfjs-node"];

function resolveFrom(base: string, request: string): string | undefined {
  try {
    return realpathSync(createRequire(base).resolve(request));
  } catch {
    // Not installed at this base; the caller reports it if no base finds it.
    return undefined;
  }
}

/** tfjs-node's binding for the newest Node-API that it was built for: lib/napi-v8/tfjs_binding.node. */
function findBinding(folder: string): string | undefined {
  const lib = join(folder, "lib");
  const versions = existsSync(lib) ? readdirSync(lib).filter((name) => /^napi-v\d+$/.test(name)) : [];
  return versions
    .sort((a, b) => Number(b.slice(6)) - Number(a.slice(6)))
    .map((version) => join(lib, version, "tfjs_binding.node"))
    .find((path) => existsSync(path));
}

/**
 * Finds tfjs-node-gpu or else tfjs-node from the given folders, in order, or returns why it cannot be used and what to do.
 *
 * @param core the file of this process's tfjs-core: kernels registered with another copy are not visible.
 */
export function locate(folders: readonly string[], core: string): Installation | { readonly reason: string } {
  for (const name of packages) {
    for (const folder of folders) {
      const manifest = resolveFrom(pathToFileURL(join(folder, "package.json")).href, `${name}/package.json`);
      if (manifest === undefined) continue;
      const place = dirname(manifest);
      const binding = findBinding(place);
      if (binding === undefined) {
        return {
          reason: `${name} has no compiled binding in ${place}; run npm rebuild ${name}, which downloads or compiles it`,
        };
      }
      if (resolveFrom(manifest, "@tensorflow/tfjs-core") !== realpathSync(core)) {
        return {
          reason: `${name} in ${place} has its own copy of tfjs-core; install both in one project at one version, and run npm dedupe`,
        };
      }
      return { gpu: name.endsWith("-gpu"), main: place, binding };
    }
  }
  return {
    reason:
      "tfjs-node is not installed; run npm install @tensorflow/tfjs-node@4.22.0, or @tensorflow/tfjs-node-gpu@4.22.0 for CUDA 11.2, in the project's folder",
  };
}

// Bundles the package in the working directory for Node: node ../../scripts/bundle.mjs [--apart ./config]...
// Every entry point of its `exports` keeps a file of its own in dist/bundle, which the `node` condition names; the modules behind them are
// joined, since Node takes about a millisecond to load one. Other packages stay imports, so that each exists once in a process, and
// imports on demand stay on demand. `--apart` keeps an entry point's modules out of the main one's file; `--entry` adds a file that is run.
import { readFileSync, rmSync } from "node:fs";
import { createRequire } from "node:module";
import { isAbsolute, join, resolve } from "node:path";
import { parseArgs } from "node:util";
import { rolldown } from "rolldown";

const { values } = parseArgs({
  options: {
    apart: { type: "string", multiple: true, default: [] },
    entry: { type: "string", multiple: true, default: [] },
  },
});
const folder = process.cwd();
const manifest = JSON.parse(readFileSync(join(folder, "package.json"), "utf8"));
const sources = Object.entries(manifest.exports)
  .filter(([, conditions]) => typeof conditions === "object")
  .map(([door, conditions]) => [door, conditions["@ganymede/source"].replace(/^\.\//, "")]);
const tensors = "@tensorflow/tfjs-core";

/**
 * TensorFlow.js is a CommonJS file of 1.2 MB, which an import reads twice: once for its names and once to compile it. `require` gives the
 * same instance in half the time.
 */
const requiredTensors = {
  name: "required-tensors",
  resolveId: (id) => (id === tensors ? { id: "\0tensors", moduleSideEffects: false } : null),
  load(id) {
    if (id !== "\0tensors") return null;
    const names = Object.keys(createRequire(join(folder, "package.json"))(tensors));
    return [
      'import { createRequire } from "node:module";',
      `const tensors = /* @__PURE__ */ createRequire(import.meta.url)(${JSON.stringify(tensors)});`,
      ...names.map((name) => `export const ${name} = tensors.${name};`),
    ].join("\n");
  },
};

/** Modules that an entry point loads at once. */
function reachable(entry, info) {
  const found = new Set();
  const visit = (id) => {
    if (found.has(id)) return;
    found.add(id);
    for (const next of info(id)?.importedIds ?? []) visit(next);
  };
  visit(entry);
  return found;
}

const groups = [...values.apart, "."].filter((door) => sources.some(([name]) => name === door));
const modules = new Map();
const collected = {
  name: "collected",
  buildEnd() {
    const info = (id) => this.getModuleInfo(id);
    for (const door of groups) {
      const [, source] = sources.find(([name]) => name === door);
      modules.set(door, reachable(resolve(folder, source), info));
    }
  },
};

const bundle = await rolldown({
  cwd: folder,
  input: Object.fromEntries(
    [...sources.map(([, source]) => source), ...values.entry].map((source) => [
      source.replace(/^src\/|\.ts$/g, ""),
      source,
    ]),
  ),
  platform: "node",
  // Imports such as "#platform" are the package's own.
  external: (id) => !/^[.#\0]/.test(id) && !isAbsolute(id) && id !== tensors,
  resolve: {
    conditionNames: ["@ganymede/source", "node", "import", "default"],
    extensionAlias: { ".js": [".ts", ".js"] },
  },
  treeshake: { propertyReadSideEffects: false },
  plugins: [requiredTensors, collected],
});
const target = join(folder, "dist", "bundle");
rmSync(target, { recursive: true, force: true });
await bundle.write({
  dir: target,
  format: "esm",
  sourcemap: true,
  entryFileNames: "[name].js",
  chunkFileNames: "parts/[name].js",
  codeSplitting: {
    groups: groups.map((door, index) => ({
      name: door === "." ? "main" : door.slice(2),
      test: (id) => modules.get(door).has(id),
      priority: groups.length - index,
    })),
  },
});
await bundle.close();

import { dirname, join } from "node:path";
import { expect, test } from "vitest";
import { importsOf } from "../workspace/imports.js";
import { sourceText, workspacePackages } from "../workspace/packages.js";

const attention = workspacePackages().find(({ id }) => id === "attention")!;
const variants = attention.sources.filter(
  (source) =>
    /^src\/[a-z0-9-]+\.ts$/.test(source) && // The plugin, and the adapter that finds any variant by its name, need them all.
    !["src/index.ts", "src/plugin.ts", "src/resolve-mixer.ts"].includes(source),
);

/** Files that a file needs to run, itself among them. */
function needs(source: string, found = new Set<string>()): Set<string> {
  if (found.has(source)) return found;
  found.add(source);
  for (const { specifier, typeOnly } of importsOf(sourceText(attention, source))) {
    if (typeOnly || !specifier.startsWith(".")) continue;
    needs(join(dirname(source), specifier).replace(/\.js$/, ".ts"), found);
  }
  return found;
}

test.each(variants.filter((source) => !source.endsWith(".test.ts")))(
  "%s pulls in no other variant, and is a door",
  (source) => {
    expect([...needs(source)].filter((other) => variants.includes(other))).toEqual([source]);
    const door = source.replace("src/", "./").replace(/\.ts$/, "");
    expect(attention.manifest.exports?.[door]).toMatchObject({ "@ganymede/source": `./${source}` });
  },
);

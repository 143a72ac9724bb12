import { existsSync, readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { describe, expect, it } from "vitest";
import { importsOf, packageName } from "./imports.js";
import { isTest, root, sourceText, type WorkspacePackage, workspacePackages } from "./packages.js";

const packages = workspacePackages();
const published = packages.filter(({ manifest }) => manifest.private !== true);
const libraries = packages.filter(({ folder }) => folder.startsWith("packages/"));
const byId = new Map(packages.map((each) => [each.id, each]));
const everything = packages.map(({ id }) => id);

/** Who may import whom, beside itself. */
const allowed = (id: string): readonly string[] => {
  if (id === "core") return [];
  if (id === "training") return ["core", "data", "metrics"];
  if (id.startsWith("models-")) return ["core", "attention", "training"];
  // Another engine behind the same recorder.
  if (id === "backend-openvino") return ["core", "backend-onnx"];
  if (id === "cli" || id === "test" || id === "bench") return everything;
  return ["core"];
};

/** Where Node's own modules may be used. */
const runsInNode = ({ id }: WorkspacePackage, source: string): boolean =>
  id.startsWith("backend-") ||
  ["cli", "test", "bench", "reference"].includes(id) ||
  source.startsWith("src/node/") ||
  isTest(source);

/** Every source file with its package; `problems` lists what breaks a rule. */
const files = packages.flatMap((each) =>
  each.sources.map((source) => ({ each, source, text: sourceText(each, source) })),
);
const problems = (rule: (file: (typeof files)[number]) => readonly string[]): string[] =>
  files.flatMap((file) => rule(file).map((problem) => `${file.each.folder}/${file.source}: ${problem}`));

describe("importsOf", () => {
  it("sees every form of import", () => {
    const text = [
      'import "a";',
      'import type { B } from "./b.js";',
      'import c, {\n  d,\n  type E,\n} from "@s/c";',
      'export { f } from "node:fs";',
      `const g = await import${'("g/h")'};`,
    ].join("\n");
    expect(importsOf(text)).toEqual([
      { specifier: "a", typeOnly: false },
      { specifier: "./b.js", typeOnly: true },
      { specifier: "@s/c", typeOnly: false },
      { specifier: "node:fs", typeOnly: false },
      { specifier: "g/h", typeOnly: false },
    ]);
    expect(["a/b", "@s/c/d", "./e.js", "node:fs"].map(packageName)).toEqual(["a", "@s/c", null, null]);
  });
});

describe("who imports whom", () => {
  it("follows the order core; attention, data, metrics and backends; training; models", () => {
    expect(
      problems(({ each, source, text }) =>
        importsOf(text)
          .map(({ specifier }) => packageName(specifier)?.replace("@ganymede/", "") ?? "")
          .filter((id) => byId.has(id) && id !== each.id && !allowed(each.id).includes(id) && !isTest(source)),
      ),
    ).toEqual([]);
  });

  it("goes through the doors that a package exports", () => {
    expect(
      problems(({ each, source, text }) =>
        importsOf(text)
          .map(({ specifier }) => specifier)
          .filter((specifier) => {
            const target = byId.get(packageName(specifier)?.replace("@ganymede/", "") ?? "");
            if (target === undefined || !specifier.startsWith("@ganymede/")) return false;
            const door = `.${specifier.slice(target.manifest.name.length)}`;
            return (target === each && !isTest(source)) || target.manifest.exports?.[door] === undefined;
          }),
      ),
    ).toEqual([]);
  });

  it("uses Node's own modules only where Node runs", () => {
    expect(
      problems(({ each, source, text }) =>
        runsInNode(each, source)
          ? []
          : importsOf(text)
              .map(({ specifier }) => specifier)
              .filter((specifier) => specifier.startsWith("node:")),
      ),
    ).toEqual([]);
  });

  it("names Node's globals only where Node runs", () => {
    const globals = /\b(process\.|Buffer\.|__dirname\b|setImmediate\()/;
    expect(
      problems(({ each, source, text }) => {
        // Words in comments are no use of them.
        const code = text.replaceAll(/\/\*[\s\S]*?\*\/|\/\/.*$/gm, "");
        return !runsInNode(each, source) && globals.test(code) ? [String(globals.exec(code)?.[0])] : [];
      }),
    ).toEqual([]);
  });

  it("declares every package that it imports", () => {
    expect(
      problems(({ each, source, text }) => {
        const { dependencies, peerDependencies, devDependencies } = each.manifest;
        const others = [each.manifest.name, ...(isTest(source) ? ["vitest", "fast-check"] : [])];
        const known = { ...dependencies, ...peerDependencies, ...(isTest(source) && devDependencies) };
        return importsOf(text)
          .map(({ specifier }) => packageName(specifier))
          .filter((name) => name !== null && known[name] === undefined && !others.includes(name)) as string[];
      }),
    ).toEqual([]);
  });

  it("keeps tests' helpers out of what is built", () => {
    expect(
      problems(({ source, text }) =>
        isTest(source)
          ? []
          : importsOf(text)
              .map(({ specifier }) => specifier)
              .filter((specifier) => specifier.startsWith(".") && isTest(specifier.replace(/\.js$/, ".ts"))),
      ),
    ).toEqual([]);
  });
});

describe("files", () => {
  it("of contracts import types only, and what makes a component", () => {
    expect(
      problems(({ source, text }) =>
        source.startsWith("src/contracts/")
          ? importsOf(text)
              .filter(({ typeOnly }) => !typeOnly)
              .map(({ specifier }) => specifier)
              .filter((specifier) => specifier !== "../component/component.js")
          : [],
      ),
    ).toEqual([]);
  });

  it("do not import their package's own door", () => {
    expect(
      problems(({ source, text }) =>
        isTest(source)
          ? []
          : importsOf(text)
              .filter(({ specifier }) => specifier.startsWith("."))
              .map(({ specifier }) => join(dirname(source), specifier))
              .filter((target) => target === "src/index.js"),
      ),
    ).toEqual([]);
  });

  it("import one another without cycles", () => {
    for (const each of packages) {
      const edges = new Map(
        each.sources.map((source) => [
          source,
          importsOf(sourceText(each, source))
            .filter(({ specifier, typeOnly }) => specifier.startsWith(".") && !typeOnly)
            .map(({ specifier }) => join(dirname(source), specifier).replace(/\.js$/, ".ts")),
        ]),
      );
      const done = new Set<string>();
      const visit = (source: string, path: readonly string[]): void => {
        expect(path, `${each.folder} has a cycle`).not.toContain(source);
        if (done.has(source)) return;
        for (const next of edges.get(source) ?? []) visit(next, [...path, source]);
        done.add(source);
      };
      for (const source of each.sources) visit(source, []);
    }
  });

  it("are named in kebab-case", () => {
    expect(
      problems(({ source }) => (/^src(\/[a-z0-9-]+)+(\.(test|test-d|fixture))?\.ts$/.test(source) ? [] : ["name"])),
    ).toEqual([]);
  });

  it("draw from keys: no hidden generator anywhere", () => {
    const hidden = /\btf\.(random\w*|truncatedNormal|multinomial|dropout)\(|\bMath\.random\(/;
    expect(problems(({ source, text }) => (!isTest(source) && hidden.test(text) ? ["hidden randomness"] : []))).toEqual(
      [],
    );
  });

  it("of the training library name options as its users write them, and not as the command does", () => {
    const lines = (text: string) => text.split("\n").filter((line) => !/^\s*(\*|\/\*|\/\/)/.test(line));
    expect(
      problems(({ each, source, text }) =>
        each.id === "training" && !isTest(source) ? lines(text).filter((line) => /["'` ]--[a-z]/.test(line)) : [],
      ),
    ).toEqual([]);
  });

  it("hold no leftovers and switch off no rule", () => {
    const leftovers = new RegExp(
      ["TO" + "DO", "FIX" + "ME", "biome-" + "ignore", "@ts-" + "(ignore|nocheck|expect-error)"].join("|"),
    );
    expect(problems(({ text }) => (leftovers.test(text) ? [String(leftovers.exec(text)?.[0])] : []))).toEqual([]);
  });
});

describe.each(packages.map((each) => [each.manifest.name, each] as const))("%s", (_, each) => {
  const { manifest, folder } = each;

  it("has the files that every package has", () => {
    const common = ["package.json", "tsconfig.json", "tsconfig.build.json", ...(manifest.private ? [] : ["README.md"])];
    expect(common.filter((name) => !existsSync(join(root, folder, name)))).toEqual([]);
  });

  it("says what it is", () => {
    expect(manifest).toMatchObject({
      license: "Apache-2.0",
      type: "module",
      engines: { node: ">=20.19" },
      repository: { directory: folder },
    });
    expect(manifest.description?.length).toBeGreaterThan(20);
  });
});

describe.each(published.map((each) => [each.manifest.name, each] as const))("%s, published", (_, each) => {
  const { manifest, folder } = each;

  it("exports typed ES modules, sources for the workspace, and its manifest", () => {
    const { "./package.json": own, ...doors } = manifest.exports ?? {};
    expect(own).toBe("./package.json");
    // A file with effects is named, so that bundlers keep it and drop the rest.
    const effects = manifest.sideEffects === false ? [] : manifest.sideEffects;
    for (const file of effects as string[]) {
      // The main part of the bundle, which has the effects of the modules that it joins.
      if (file === "./dist/bundle/parts/main.js") continue;
      const source = file.replace(/^\.\/dist\/(bundle\/)?/, "./src/").replace(/\.js$/, ".ts");
      expect(existsSync(join(root, folder, source)), file).toBe(true);
    }
    for (const door of Object.values(doors)) {
      if (typeof door === "string") throw new Error(`${manifest.name}: a door must have conditions, got ${door}`);
      const source = door["@ganymede/source"] ?? "";
      expect(existsSync(join(root, folder, source)), source).toBe(true);
      const built = source.replace("./src/", "./dist/").replace(/\.ts$/, "");
      expect(Object.entries(door)).toEqual([
        ["@ganymede/source", source],
        ["types", `${built}.d.ts`],
        // Node takes the bundle, everyone else a file per module.
        ["node", `${built.replace("./dist/", "./dist/bundle/")}.js`],
        ["default", `${built}.js`],
      ]);
    }
  });

  it("packs what is built and its sources, without tests", () => {
    expect(manifest.files).toEqual(expect.arrayContaining(["dist", "src", "!src/**/*.test.ts"]));
    const fixtures = each.sources.filter((source) => isTest(source) && !source.endsWith(".test.ts"));
    if (fixtures.length > 0) {
      expect(manifest.files?.filter((pattern) => /fixture/.test(pattern))).not.toEqual([]);
      const build = readFileSync(join(root, folder, "tsconfig.build.json"), "utf8");
      expect(build).toMatch(/"src\/[^"]*fixture/);
    }
  });

  it("has one core and one engine beside it: both are peers of libraries", () => {
    if (!libraries.includes(each)) return;
    for (const name of ["@ganymede/core", "@tensorflow/tfjs-core"])
      expect(manifest.dependencies?.[name]).toBeUndefined();
    if (each.id !== "core") expect(manifest.peerDependencies?.["@ganymede/core"]).toBe("workspace:^");
  });

  it("has a README with a sentence, an installation, an example and a table of exports", () => {
    const readme = readFileSync(join(root, folder, "README.md"), "utf8");
    expect(readme).toMatch(new RegExp(`^# ${manifest.name}\n\n[^\n]+\\.\n`));
    expect(readme).toMatch(/```sh\nnpm (install|i) |```sh\nnpx /);
    expect(readme).toMatch(/```(js|ts|sh)\n/);
    expect(readme).toMatch(/\n\|[^\n]+\|\n\|[ :|-]+\|\n/);
  });
});

describe.each(libraries.map((each) => [each.manifest.name, each] as const))("%s, a library", (_, each) => {
  it("has one door of named exports, and a plugin unless it is core", () => {
    const door = sourceText(each, "src/index.ts");
    expect(door).not.toMatch(/export \*|export default|=>|function /);
    const isPlugin = each.sources.some((file) => sourceText(each, file).includes("definePlugin("));
    if (each.id !== "core") expect(isPlugin).toBe(true);
  });
});

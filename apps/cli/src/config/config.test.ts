import { mkdir, mkdtemp, readdir, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { basename, join } from "node:path";
import { nearNames, resolveConfig, suggestion } from "@ganymede/core/config";
import { nestOverrides, parseOverride } from "@ganymede/training";
import { loadPlugin } from "@ganymede/training/node";
import fc from "fast-check";
import { beforeAll, describe, expect, it, vi } from "vitest";
import { flattenPlugins } from "./define-config.js";
import { loadConfig } from "./load-config.js";

describe("nearNames", () => {
  it("finds a name with one letter wrong, whatever the letter", () => {
    const names = ["vitgan-tiny", "vitgan-cifar10", "vitgan-celeba64"];
    fc.assert(
      fc.property(fc.constantFrom(...names), fc.nat(), (name, place) => {
        const at = place % name.length;
        expect(nearNames(`${name.slice(0, at)}#${name.slice(at + 1)}`, names)[0]).toBe(name);
      }),
    );
  });

  it("lists everything where nothing is near", () => {
    expect(suggestion("zzzzzz", ["b", "a"])).toBe("known: a, b");
    expect(suggestion("cifar", ["vitgan-cifar10", "x"])).toBe('did you mean "vitgan-cifar10"?');
  });
});

describe("overrides", () => {
  it("reads JSON where it is JSON, else text", () => {
    expect(parseOverride("a.b=3")).toEqual({ path: ["a", "b"], value: 3 });
    expect(parseOverride("loss=hinge").value).toBe("hinge");
    expect(parseOverride("x=a=b").value).toBe("a=b");
    expect(parseOverride('list=[{"kind":"r1"}]').value).toEqual([{ kind: "r1" }]);
    for (const wrong of ["a", "=3", ".a=1", "a..b=1"])
      expect(() => parseOverride(wrong)).toThrow(/must have the form key=value/);
  });

  it("nests paths, the later one winning", () => {
    const nested = nestOverrides(["a.b=1", "a.c=2", "a.b=3", "d=4"].map((text) => parseOverride(text)));
    expect(nested).toEqual({ a: { b: 3, c: 2 }, d: 4 });
  });

  it("keeps a name that settings follow", () => {
    const nested = nestOverrides(["a=performer", "a.features=3"].map((text) => parseOverride(text)));
    expect(nested).toEqual({ a: { id: "performer", features: 3 } });
  });

  it.each(["__proto__", "constructor", "toString", "training.__proto__.batch", "training.constructor.name"])(
    "takes %s for a setting like any other, which no configuration has",
    (name) => {
      const nested = nestOverrides([parseOverride(`${name}=7`)]);
      expect(Object.keys(nested)).toEqual([name.split(".")[0]]);
      expect(() => resolveConfig({ training: { batch: 1 } }, nested, "test")).toThrow(/there is no setting/);
      expect(({} as { batch?: number }).batch).toBeUndefined();
    },
  );
});

describe("loadConfig and loadPlugin", () => {
  let cwd = "";
  beforeAll(async () => {
    cwd = await mkdtemp(join(tmpdir(), "ganymede-config-"));
    const plugin = 'export default () => ({ apiVersion: 1 as const, name: "ganymede-plugin-x" });';
    await writeFile(join(cwd, "x.ts"), plugin);
    await writeFile(
      join(cwd, "ganymede.config.ts"),
      'import x from "./x.js";\nexport default { plugins: [false, [x()]] };',
    );
    await writeFile(join(cwd, "wrong.config.mjs"), "export default { plugin: [] };");
    await writeFile(join(cwd, "broken.config.ts"), "export default {");
    await writeFile(join(cwd, "empty.ts"), "export const nothing = 1;");
    const folder = join(cwd, "node_modules", "ganymede-plugin-y");
    await mkdir(folder, { recursive: true });
    const manifest = { name: "ganymede-plugin-y", type: "module", exports: { import: "./y.js" } };
    await writeFile(join(folder, "package.json"), JSON.stringify(manifest));
    await writeFile(join(folder, "y.js"), 'export default { apiVersion: 1, name: "ganymede-plugin-y" };');
  });

  it("understands TypeScript, flattens lists and drops what is switched off", async () => {
    const config = await loadConfig(cwd, undefined);
    expect(flattenPlugins(config.plugins)).toMatchObject([{ name: "ganymede-plugin-x" }]);
    const none = { path: null, plugins: [], presets: {} };
    expect(await loadConfig(join(cwd, "node_modules"), undefined)).toEqual(none);
  });

  it("keeps nothing compiled in the temporary folder, where another user could plant code", async () => {
    const temporary = await mkdtemp(join(tmpdir(), "ganymede-config-"));
    vi.stubEnv("TMPDIR", temporary);
    try {
      // Without a node_modules of its own, whose cache would be the user's.
      const folder = await mkdtemp(join(temporary, "project-"));
      await writeFile(join(folder, "ganymede.config.ts"), "export default { plugins: [] as const };");
      await writeFile(join(folder, "x.ts"), 'export default { apiVersion: 1 as const, name: "ganymede-plugin-x" };');
      expect(await loadConfig(folder, undefined)).toMatchObject({ plugins: [] });
      await loadPlugin(folder, "./x.ts");
      expect(await readdir(temporary)).toEqual([basename(folder)]);
    } finally {
      vi.unstubAllEnvs();
    }
  });

  it("names an unknown key, a file that does not load, and one that is not there", async () => {
    await expect(loadConfig(cwd, "wrong.config.mjs")).rejects.toThrow(/got "plugin"; did you mean "plugins"/);
    await expect(loadConfig(cwd, "broken.config.ts")).rejects.toMatchObject({ code: "invalid-config" });
    await expect(loadConfig(cwd, "none.ts")).rejects.toMatchObject({ code: "missing-file" });
  });

  it("loads a plugin from a file and from a package that only import can find", async () => {
    expect((await loadPlugin(cwd, "./x.ts")).name).toBe("ganymede-plugin-x");
    expect((await loadPlugin(cwd, "ganymede-plugin-y")).name).toBe("ganymede-plugin-y");
    await expect(loadPlugin(cwd, "ganymede-plugin-z")).rejects.toThrow(
      /install it with: npm install ganymede-plugin-z/,
    );
    await expect(loadPlugin(cwd, "./empty.ts")).rejects.toThrow(/default export must be a plugin/);
  });
});

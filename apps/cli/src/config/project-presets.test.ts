import { mkdir, readFile, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { describe, expect, expectTypeOf, it } from "vitest";
import { builtInPlugins } from "../built-in-plugins.js";
import { testCommand } from "../fixtures/test-context.js";
import type { TrainingSettings } from "./define-config.js";
import { defineConfig } from "./define-config.js";

async function withConfig(
  config: unknown,
  name = "ganymede.config.json",
  more: Readonly<Record<string, unknown>> = {},
) {
  const command = await testCommand();
  for (const [file, value] of Object.entries({ ...more, [name]: config })) {
    await mkdir(join(command.cwd, file, ".."), { recursive: true });
    await writeFile(join(command.cwd, file), typeof value === "string" ? value : JSON.stringify(value));
  }
  return command;
}

const one = ["--data", "images", "--steps", "1"] as const;

const configOf = async (cwd: string, out: string) =>
  JSON.parse(await readFile(join(cwd, out, "config.json"), "utf8")) as Record<string, never>;

const presets = {
  mine: { extends: "wide", training: { batch: 2, discriminatorTerms: { r1: { gamma: 0.5 } } } },
  wide: { extends: "toy-small", model: { width: 7, side: 16 }, training: { batch: 3, clipNorm: 5 } },
  filed: { extends: "./more.json", model: { width: 6 } },
};

const files = { "more.json": { extends: "mine", model: { normed: true } } };

describe.each([
  ["ganymede.config.json", JSON.stringify({ presets })],
  ["ganymede.config.ts", `type All = object;\nexport default { presets: ${JSON.stringify(presets)} } satisfies All;`],
  ["ganymede.config.mts", `export default { presets: ${JSON.stringify(presets)} } as const;`],
  ["ganymede.config.js", `export default { presets: ${JSON.stringify(presets)} };`],
  ["ganymede.config.mjs", `export default { presets: ${JSON.stringify(presets)} };`],
])("presets of %s", (name, text) => {
  it("are listed with their family, and a dry run shows all of their settings", async () => {
    const command = await withConfig(text, name, files);
    expect(await command.run("plugins", "--json"), command.notes.join("\n")).toBe(0);
    const toy = command.out.map((line) => JSON.parse(line)).find(({ kind, id }) => kind === "models" && id === "toy");
    const source = join(command.cwd, name);
    expect(toy.presets).toEqual(
      expect.arrayContaining([
        { id: "toy-small", source: "none" },
        { id: "mine", source },
        { id: "filed", source },
      ]),
    );
    expect(await command.run("train", "filed", "--dry-run", "--json", ...one)).toBe(0);
    expect(JSON.parse(command.out.at(-1)!)).toMatchObject({
      family: "toy",
      preset: "toy-small",
      model: { width: 6, normed: true, side: 16 },
      training: { batch: 2, clipNorm: 5, mirror: true, discriminatorTerms: [{ id: "r1", gamma: 0.5, every: 2 }] },
    });
  });
});

describe("presets of the configuration file", () => {
  it("train into a run that goes on without the file", async () => {
    const command = await withConfig({ presets });
    expect(await command.run("train", "mine", ...one), command.notes.join("\n")).toBe(0);
    const { model, training } = await configOf(command.cwd, "runs/mine");
    expect({ model, training }).toMatchObject({ model: { width: 7 }, training: { batch: 2, clipNorm: 5 } });
    expect(await command.run("train", "mine", "--out", "runs/mine", "--resume", "--steps", "2")).toBe(2);
    expect(command.notes.at(-1)).toMatch(/^--resume: a resumed run keeps the configuration in its folder, got mine;/);
    await rm(join(command.cwd, "ganymede.config.json"));
    const resumed = await command.run("train", "--out", "runs/mine", "--resume", "--steps", "2");
    expect(resumed, command.notes.join("\n")).toBe(0);
    expect(await configOf(command.cwd, "runs/mine")).toMatchObject({ model, training });
  });

  it("stand where a preset does: start, compare, bench, import, and what a file extends", async () => {
    const command = await withConfig({ presets }, undefined, files);
    const images = ["--data", "images", "--images", "4"];
    const started = await command.run("start", "--preset", "mine", "--out", "first", "--steps", "1", ...images);
    expect(started, command.notes.join("\n")).toBe(0);
    expect(await configOf(command.cwd, "first")).toMatchObject({ model: { width: 7 }, training: { batch: 2 } });
    const compared = await command.run("compare", "mine", "b=filed,width=4", ...one, "--metric-images", "4");
    expect(compared, command.notes.join("\n")).toBe(0);
    expect(await configOf(command.cwd, "runs/compare/mine")).toMatchObject({ model: { width: 7 } });
    expect(await configOf(command.cwd, "runs/compare/b")).toMatchObject({ model: { width: 4, normed: true } });
    expect(await command.run("bench", "mine", "--steps", "1", "--json")).toBe(0);
    expect(JSON.parse(command.out.at(-1)!)).toMatchObject({ batch: 2 });
    expect(await command.run("export", "first", "--names", "ours", "--out", "own.safetensors")).toBe(0);
    expect(await command.run("import", "mine", "own.safetensors"), command.notes.join("\n")).toBe(0);
    expect(await configOf(command.cwd, "runs/mine-imported")).toMatchObject({ model: { width: 7 } });
  });

  it("may extend what a plugin brings, which a text names and the run records", async () => {
    const rate = `export default { apiVersion: 1, name: "ganymede-plugin-rate", schedules: [{ id: "steady", source: "none",
      defaults: { value: 0.01 }, create: ({ value }) => ({ at: () => value, ends: [value] }) }] };`;
    const learningRate = { id: "steady", value: 0.02 };
    const config = {
      plugins: ["./rate.mjs"],
      presets: { slow: { extends: "toy-small", training: { optimizer: { generator: { learningRate } } } } },
    };
    const command = await withConfig(config, "settings/ganymede.config.json", { "settings/rate.mjs": rate });
    const config_ = ["--config", "settings/ganymede.config.json"];
    expect(await command.run("train", "slow", ...one, ...config_), command.notes.join("\n")).toBe(0);
    expect(await configOf(command.cwd, "runs/slow")).toMatchObject({
      plugins: expect.arrayContaining([
        { name: "ganymede-plugin-rate", specifier: join(command.cwd, "settings/rate.mjs"), version: null },
      ]),
      training: { optimizer: { generator: { learningRate } } },
    });
    expect(await command.run("train", "--out", "runs/slow", "--resume", "--steps", "2")).toBe(0);
    await rm(join(command.cwd, "settings/rate.mjs"));
    expect(await command.run("train", "slow", ...one, ...config_)).toBe(3);
    expect(command.notes.at(-1)).toMatch(/ganymede\.config\.json: plugin \.\/rate\.mjs: the file must load/);
  });

  it.each<[unknown, RegExp]>([
    [
      { presets: { a: { extend: "toy-small" } } },
      /config\.json: preset "a": .* no key "extend"; did you mean "extends"\?$/,
    ],
    [{ presets: { a: { extends: "toy-smal" } } }, /config\.json: preset "a": .*"toy-smal"; did you mean "toy-small"/],
    [{ presets: { a: { extends: "bas" }, base: { extends: "toy-small" } } }, /"bas"; did you mean "base"/],
    [{ presets: { a: { extends: "toy-small", model: { widht: 1 } } } }, /preset "a": toy: .*did you mean "width"\?$/],
    [{ presets: { a: { extends: "toy-small", training: { bacth: 1 } } } }, /preset "a": training: .*"batch"\?$/],
    [
      { presets: { a: { extends: "toy-small", model: [] } } },
      /preset "a": model must be a record of settings, got \[\]$/,
    ],
    [{ presets: { a: { extends: "a" } } }, /got .*preset "a" > .*preset "a"; change one of them$/],
    [
      { presets: { a: { extends: "b" }, b: { extends: "a" } } },
      /circular, got .*preset "a" > .*preset "b" > .*preset "a";/,
    ],
    [{ presets: { a: { extends: "./a.json" } } }, /circular, got .*preset "a" > .*a\.json > .*preset "a";/],
    [{ presets: { a: { extends: "b" }, b: { extends: "toy-small", model: { x: 1 } } } }, /^\S+: preset "b": toy: /],
    [{ presets: { a: 3 } }, /preset "a": a preset must be a record such as/],
    [{ presets: [] }, /config\.json: presets must be a record of presets by name, got a list;/],
    [{ presets: { "a/b": { extends: "toy-small" } } }, /config\.json: the name of a preset must .* got "a\/b";/],
    [{ presets: { "a.json": { extends: "toy-small" } } }, /not end in .json, got "a\.json";/],
    ['{ "presets": { "__proto__": { "extends": "toy-small", "x": 1 } } }', /preset "__proto__": a preset has no key/],
    [{ preset: {} }, /config\.json: every key must be a known one, got "preset"; did you mean "presets"\?$/],
    [{ plugins: {} }, /config\.json: plugins must be a list, got object;/],
    ["[]", /config\.json: the file must contain a configuration, got a list;/],
    ["{", /config\.json: the configuration must load, but .*; fix the file$/],
  ])("%j is refused in a sentence that names the file", async (config, message) => {
    const command = await withConfig(config, undefined, { "a.json": { extends: "a" } });
    expect(await command.run("train", "a", "--dry-run", ...one)).toBe(2);
    expect(command.notes.at(-1)).toMatch(message);
    expect(command.notes.at(-1)).toContain(command.cwd);
    expect(command.notes.at(-1)).not.toContain("\n");
  });

  it("have names of their own, and are named where a preset is not known", async () => {
    const command = await withConfig({
      presets: { "toy-wide": { extends: "toy-small" }, mine: { extends: "toy-small" } },
    });
    expect(await command.run("train", "toy-wide", ...one)).toBe(2);
    expect(command.notes.at(-1)).toMatch(/got "toy-wide", which is also one of ganymede-plugin-toy; rename it$/);
    expect(await command.run("train", "mien", ...one)).toBe(2);
    expect(command.notes.at(-1)).toBe('preset must be a known name, got "mien"; did you mean "mine"?');
  });

  it("in code are data too: what is undefined changes nothing, and a function is refused", async () => {
    const text =
      'export default { presets: { a: { extends: "toy-small", model: { width: WIDTH, side: undefined } } } };';
    const command = await withConfig(text.replace("WIDTH", "2 + 2"), "ganymede.config.ts");
    expect(await command.run("train", "a", "--dry-run", "--json", ...one), command.notes.join("\n")).toBe(0);
    expect(JSON.parse(command.out.at(-1)!)).toMatchObject({ model: { width: 4, side: 8 } });
    for (const [value, message] of [
      ["() => 4", /preset "a": width must be JSON data, got \(\) => 4; write the id of a component$/],
      ["NaN", /preset "a": width must be JSON data, got NaN;/],
      ["process", /preset "a": .* must be JSON data,/],
    ] as const) {
      const wrong = await withConfig(text.replace("WIDTH", value), "ganymede.config.ts");
      expect(await wrong.run("train", "a", "--dry-run", ...one)).toBe(2);
      expect(wrong.notes.at(-1)).toMatch(message);
    }
  });
});

describe("defineConfig", () => {
  it("is as the README shows it", async () => {
    const readme = await readFile(new URL("../../README.md", import.meta.url), "utf8");
    const [shown = ""] = [...readme.matchAll(/```ts\n([\s\S]*?)```/g)]
      .map(([, code]) => code!)
      .filter((code) => code.includes("presets:"));
    const own = fileURLToPath(new URL("../index.ts", import.meta.url));
    const code = shown
      .replace('"@ganymede/cli"', JSON.stringify(own))
      .replace(/import cosine .*\n/, "")
      .replace("cosine()", "false");
    const command = await testCommand({ builtIn: async () => builtInPlugins() });
    await writeFile(join(command.cwd, "ganymede.config.ts"), code);
    expect(await command.run("plugins", "--json"), command.notes.join("\n")).toBe(0);
    const ids = command.out.flatMap((line) => (JSON.parse(line).presets ?? []) as { id: string; source: string }[]);
    const source = join(command.cwd, "ganymede.config.ts");
    expect(ids.filter((each) => each.source === source).map(({ id }) => id)).toEqual(["faces", "faces-performer"]);
  });

  it("types the settings of a training, with lists also by id", () => {
    const config = defineConfig({
      presets: {
        mine: {
          extends: "vitgan-tiny",
          training: {
            batch: 16,
            optimizer: { generator: { learningRate: 1e-4 } },
            discriminatorTerms: { r1: { gamma: 5 } },
          },
        },
      },
    });
    expect(Object.keys(config.presets ?? {})).toEqual(["mine"]);
    expectTypeOf<{ batch: 16; mirror: true }>().toExtend<TrainingSettings>();
    expectTypeOf<{ batch: "16" }>().not.toExtend<TrainingSettings>();
    expectTypeOf<{ bacth: 16 }>().not.toExtend<TrainingSettings>();
  });
});

import { mkdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { testCommand } from "../fixtures/test-context.js";
import { presetName } from "./preset-file.js";

type Files = Readonly<Record<string, unknown>>;

/** A command in a folder with these files; texts stand as they are, the rest is JSON. */
async function withFiles(files: Files) {
  const command = await testCommand();
  for (const [name, value] of Object.entries(files)) {
    await mkdir(join(command.cwd, name, ".."), { recursive: true });
    await writeFile(join(command.cwd, name), typeof value === "string" ? value : JSON.stringify(value));
  }
  return command;
}

const one = ["--data", "images", "--steps", "1"] as const;

const train = (file: string, ...more: readonly string[]) => ["train", file, ...one, ...more] as const;

const configOf = async (cwd: string, out: string) =>
  JSON.parse(await readFile(join(cwd, out, "config.json"), "utf8")) as Record<string, never>;

describe("a preset of one's own", () => {
  it("merges its settings into those of the presets that it extends, and --set into all", async () => {
    const command = await withFiles({
      "mine.json": { extends: "./base/wide.json", model: { normed: true }, training: { batch: 2 } },
      "base/wide.json": { extends: "../base.json", model: { width: 7 }, training: { batch: 3, clipNorm: 5 } },
      "base.json": { extends: "toy-small", training: { discriminatorTerms: { r1: { gamma: 0.5 } } } },
    });
    expect(await command.run(...train("./mine.json", "--set", "training.clipNorm=4"))).toBe(0);
    expect(await configOf(command.cwd, "runs/mine")).toMatchObject({
      family: "toy",
      preset: "toy-small",
      model: { width: 7, side: 8, normed: true, grouped: 0 },
      training: { batch: 2, clipNorm: 4, mirror: true, discriminatorTerms: [{ id: "r1", gamma: 0.5, every: 2 }] },
    });
    expect(await command.run("bench", "mine.json", "--steps", "1", "--json")).toBe(0);
    expect(JSON.parse(command.out.at(-1)!)).toMatchObject({ preset: "toy-small", batch: 2 });
  });

  it("may be the configuration of a run, also with its plugins, and what a file extends", async () => {
    const command = await withFiles({
      "rate.ts": `export default { apiVersion: 1, name: "ganymede-plugin-rate", schedules: [{ id: "steady", source: "none",
        defaults: { value: 0.01 }, create: ({ value }) => ({ at: () => value, ends: [value] }) }] };`,
      "more.json": { extends: "./runs/a/config.json", model: { width: 6 } },
    });
    const rate = 'training.optimizer.generator.learningRate={"id":"steady","value":0.02}';
    const first = train("toy-small", "--out", "runs/a", "--plugin", "./rate.ts", "--set", rate);
    expect(await command.run(...first), command.notes.join("\n")).toBe(0);
    const before = await configOf(command.cwd, "runs/a");
    expect(await command.run(...train("runs/a/config.json", "--out", "b")), command.notes.join("\n")).toBe(0);
    const { family, preset, model, training, plugins } = before;
    expect(await configOf(command.cwd, "b")).toMatchObject({ family, preset, model, training, plugins });
    expect(await command.run(...train("more.json", "--dry-run", "--json"))).toBe(0);
    expect(JSON.parse(command.out.at(-1)!)).toMatchObject({
      model: { width: 6 },
      training: { optimizer: { generator: { learningRate: { id: "steady", value: 0.02 } } } },
    });
    expect(await command.run(...train("runs/a/config.json"))).toBe(2);
    expect(command.notes.at(-1)).toMatch(/runs\/a/);
    const compared = await command.run(
      "compare",
      "more.json",
      "b/config.json",
      ...one,
      "--set",
      "side=16",
      "--metric-images",
      "4",
    );
    expect(compared, command.notes.join("\n")).toBe(0);
    expect(await configOf(command.cwd, "runs/compare/more")).toMatchObject({ model: { width: 6 }, plugins });
  });

  it.each<[Files, RegExp, number?]>([
    [{ "a.json": { extend: "toy-small" } }, /a\.json: .* no key "extend"; did you mean "extends"\?$/],
    [{ "a.json": { extends: "toy-smal" } }, /a\.json: .* got "toy-smal"; did you mean "toy-small"\?$/],
    [{ "a.json": { extends: "toy-small", model: { widht: 1 } } }, /a\.json: toy: .*"widht"; did you mean "width"\?$/],
    [{ "a.json": { extends: "toy-small", training: { bacth: 1 } } }, /a\.json: training: .*did you mean "batch"\?$/],
    [{ "a.json": { extends: "toy-small", training: { batch: 1e9 } } }, /a\.json: training: batch must be 1 to 65,536/],
    [{ "a.json": '{"extends":"toy-small","model":{"__proto__":{"width":1}}}' }, /a\.json: toy: .*__proto__/],
    [{ "a.json": { extends: "toy-small", model: [] } }, /a\.json: model must be a record of settings, got \[\]$/],
    [{ "a.json": { model: {} } }, /a\.json: extends must be the id of a preset or a relative path of a \.json file/],
    [{ "a.json": [] }, /a\.json: a preset must be a record such as/],
    [{ "a.json": "{" }, /a\.json is not valid JSON/],
    [{ "a.json": { format: 1 } }, /a\.json: a run configuration must have all of its settings/],
    [{ "a.json": { extends: "./a.json" } }, /a\.json: extends must not be circular, got .*a\.json > .*a\.json;/],
    [
      { "a.json": { extends: "./b.json" }, "b.json": { extends: "./a.json" } },
      /circular, got .*a\.json > .*b\.json > .*a\.json;/,
    ],
    [
      { "a.json": { extends: "./b.json" }, "b.json": { extends: "toy-small", model: { wdth: 1 } } },
      /^[^:]*b\.json: toy:/,
    ],
    [{ "a.json": { extends: "./none.json" } }, /none\.json: .*; check the path$/, 3],
  ])("%j is refused in a sentence that names the file", async (files, message, code = 2) => {
    const command = await withFiles(files);
    expect(await command.run(...train("a.json", "--dry-run"))).toBe(code);
    expect(command.notes.at(-1)).toMatch(message);
    expect(command.notes.at(-1)).not.toContain("\n");
  });

  it("does not stand beside --resume, which would not read it, and makes no folder without a name", async () => {
    const command = await withFiles({ "a.json": { extends: "toy-small" }, ".json": { extends: "toy-small" } });
    expect(await command.run(...train("a.json", "--out", "a"))).toBe(0);
    expect(await command.run(...train("a.json", "--out", "a", "--resume"))).toBe(2);
    expect(command.notes.at(-1)).toMatch(/^--resume: .* got a\.json; remove it/);
    expect(await command.run(...train(".json"))).toBe(2);
    expect(command.notes.at(-1)).toMatch(/set --out$/);
    expect(["vitgan-tiny", "x/y.json", "runs/x/config.json", "config.json"].map(presetName)).toEqual([
      "vitgan-tiny",
      "y",
      "x",
      "config",
    ]);
  });
});

import { rmSync } from "node:fs";
import { mkdir, readdir, readFile, rm, truncate, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { decodeSafetensors } from "@ganymede/core/checkpoint";
import { diskFiles, encodePng, writeError } from "@ganymede/training/node";
import { describe, expect, it } from "vitest";
import { testCommand } from "../fixtures/test-context.js";

const small = [
  "train",
  "toy-small",
  "--data",
  "images",
  "--log-every",
  "1",
  "--checkpoint-every",
  "2",
  "--sample-every",
  "4",
];

async function checkpoint(cwd: string, out: string, step: number) {
  const name = `step-${String(step).padStart(6, "0")}.safetensors`;
  return decodeSafetensors(await readFile(join(cwd, out, "checkpoints", name)));
}

async function losses(cwd: string, out: string): Promise<unknown[]> {
  const text = await readFile(join(cwd, out, "metrics.jsonl"), "utf8");
  return text
    .trim()
    .split("\n")
    .map((line) => {
      const { seconds: _, imagesPerSecond: __, ...rest } = JSON.parse(line);
      return rest;
    });
}

describe("ganymede train", () => {
  it("fills a run folder: configuration, metrics, grids, the last checkpoints", async () => {
    const command = await testCommand();
    expect(await command.run(...small, "--out", "a", "--steps", "7", "--keep", "2", "--seed", "5")).toBe(0);
    const folder = join(command.cwd, "a");
    const config = JSON.parse(await readFile(join(folder, "config.json"), "utf8"));
    expect(config).toMatchObject({
      format: 1,
      preset: "toy-small",
      model: { width: 3, side: 8 },
      training: { batch: 4 },
      data: { id: "images-train-8-grey", images: 20, place: join(command.cwd, "images") },
      seed: 5,
      backend: { id: "cpu" },
    });
    expect(config.versions["@ganymede/core"]).toMatch(/^\d/);
    expect(await readdir(join(folder, "checkpoints"))).toEqual(["step-000006.safetensors", "step-000007.safetensors"]);
    expect(await readdir(join(folder, "samples"))).toEqual(["step-000004.png", "step-000007.png"]);
    const lines = await losses(command.cwd, "a");
    expect(lines.map((line) => (line as { step: number }).step)).toEqual([1, 2, 3, 4, 5, 6, 7]);
    expect(lines[0]).toHaveProperty("loss/d");
  });

  it("goes on bit for bit where it stopped, and two runs with one seed agree", async () => {
    const command = await testCommand();
    await command.run(...small, "--out", "straight", "--steps", "9");
    await command.run(...small, "--out", "twin", "--steps", "9");
    await command.run(...small, "--out", "other", "--steps", "9", "--seed", "1");
    await command.run(...small, "--out", "parts", "--steps", "3");
    expect(await command.run("train", "--out", "parts", "--resume", "--steps", "9")).toBe(0);
    const straight = await checkpoint(command.cwd, "straight", 9);
    expect(straight.tensors).toEqual((await checkpoint(command.cwd, "twin", 9)).tensors);
    expect(straight.tensors).toEqual((await checkpoint(command.cwd, "parts", 9)).tensors);
    expect(straight.tensors).not.toEqual((await checkpoint(command.cwd, "other", 9)).tensors);
    expect(await losses(command.cwd, "parts")).toEqual(await losses(command.cwd, "straight"));
  });

  it("forgets what was logged after the last checkpoint, such as half a line of a crash", async () => {
    const command = await testCommand();
    await command.run(...small, "--out", "a", "--steps", "4");
    const path = join(command.cwd, "a", "metrics.jsonl");
    await writeFile(path, `${await readFile(path, "utf8")}{"step":5,"loss/d":9}\n{"step":6,"lo`);
    await command.run("train", "--out", "a", "--resume", "--steps", "5");
    await command.run(...small, "--out", "b", "--steps", "5");
    expect(await losses(command.cwd, "a")).toEqual(await losses(command.cwd, "b"));
  });

  it("logs every step once where a run was killed before its first checkpoint", async () => {
    const command = await testCommand();
    await command.run(...small, "--out", "a", "--steps", "2");
    const logged = await losses(command.cwd, "a");
    await rm(join(command.cwd, "a", "checkpoints"), { recursive: true });
    expect(await command.run("train", "--out", "a", "--resume", "--steps", "2")).toBe(0);
    expect(await losses(command.cwd, "a")).toEqual(logged);
  });

  it("saves and ends with 130 at Ctrl-C, then goes on bit for bit; a second Ctrl-C quits", async () => {
    const command = await testCommand();
    const push = command.out.push.bind(command.out);
    command.out.push = (...lines: string[]) => {
      if (lines.some((line) => line.includes('"step":3,"images"'))) command.interrupt();
      return push(...lines);
    };
    expect(await command.run(...small, "--out", "a", "--json")).toBe(130);
    expect(JSON.parse(command.out.at(-1)!)).toMatchObject({ event: "interrupted", step: 3 });
    expect(await command.run("train", "--out", "a", "--resume", "--steps", "6")).toBe(0);
    await command.run(...small, "--out", "b", "--steps", "6");
    expect((await checkpoint(command.cwd, "a", 6)).tensors).toEqual((await checkpoint(command.cwd, "b", 6)).tensors);
    expect(command.exits).toEqual([]);

    command.out.push = (...lines: string[]) => {
      command.interrupt();
      return push(...lines);
    };
    await command.run(...small, "--out", "c", "--json");
    expect(command.exits[0]).toBe(130);
  });

  it("checks what a plugin brings before training, and loads the plugins of a run that goes on", async () => {
    const command = await testCommand();
    const kind = (id: string) => `[{ id: "${id}", source: "none", defaults: {}, create: () => ({ scalars() {} }) }]`;
    await writeFile(
      join(command.cwd, "told.mjs"),
      `export default { apiVersion: 1, name: "told", loggers: ${kind("told")}, callbacks: ${kind("heard")} };`,
    );
    const asked = [...small, "--plugin", "./told.mjs", "--out", "a"];
    expect(await command.run(...asked, "--dry-run", "--log", "tald")).toBe(2);
    expect(command.notes.at(-1)).toMatch(/--log: there is no logger "tald"; did you mean "told"/);
    expect(await command.run(...asked, "--dry-run", "--callback", '{"id":"heard","loud":1}')).toBe(2);
    expect(command.notes.at(-1)).toMatch(/--callback: heard has no setting "loud"/);
    expect(await command.run(...asked, "--steps", "1")).toBe(0);
    const again = ["train", "--resume", "--out", "a", "--log", "told", "--callback", "heard"];
    expect(await command.run(...again, "--steps", "2", "--dry-run")).toBe(0);
    expect(await command.run(...again, "--steps", "2")).toBe(0);
  });

  it("ends with 0 where a callback stops it, and saves", async () => {
    const command = await testCommand();
    const create = "create: (_, { stop }) => ({ onStep: stop })";
    const callback = `{ id: "first", source: "none", defaults: {}, ${create} }`;
    await writeFile(
      join(command.cwd, "first.mjs"),
      `export default { apiVersion: 1, name: "first", callbacks: [${callback}] };`,
    );
    const asked = [...small, "--plugin", "./first.mjs", "--callback", "first", "--steps", "5"];
    expect(await command.run(...asked, "--out", "a", "--json")).toBe(0);
    expect(JSON.parse(command.out.at(-1)!)).toMatchObject({ event: "stopped", step: 1 });
    expect(await readdir(join(command.cwd, "a", "checkpoints"))).toEqual(["step-000001.safetensors"]);
    expect(await command.run(...asked, "--out", "b")).toBe(0);
    expect(command.notes.at(-1)).toMatch(/^Stopped by a callback and saved at step 1: /);
  });

  it("stops at a loss that is not finite and keeps the last good checkpoint", async () => {
    const command = await testCommand();
    const rates = [
      "--set",
      "training.optimizer.discriminator.learningRate=1e38",
      "--set",
      "training.optimizer.generator.learningRate=1e38",
    ];
    expect(await command.run(...small, ...rates, "--out", "a", "--steps", "50", "--checkpoint-every", "1")).toBe(6);
    expect(command.notes.at(-1)).toMatch(
      /^train: every (loss|weight) must be finite, (got|but) .*; .*--set training.optimizer/,
    );
    for (const name of await readdir(join(command.cwd, "a", "checkpoints"))) {
      const { tensors } = decodeSafetensors(await readFile(join(command.cwd, "a", "checkpoints", name)));
      for (const { data } of tensors.values()) expect(data.every(Number.isFinite)).toBe(true);
    }
  });

  it("keeps what was saved when the disk is full", async () => {
    let saved = 0;
    const full = Object.assign(new Error("no space left on device"), { code: "ENOSPC" });
    const files = {
      ...diskFiles,
      writeAtomic: async (path: string, chunks: readonly (Uint8Array | string)[]) => {
        if (path.endsWith(".safetensors") && ++saved > 2) throw writeError(path, full);
        return diskFiles.writeAtomic(path, chunks);
      },
    };
    const command = await testCommand({ files });
    expect(await command.run(...small, "--out", "a", "--steps", "20")).toBe(7);
    expect(command.notes.at(-1)).toMatch(
      /step-000006.safetensors: .* the disk is full; what was saved before is intact, free some space and run it again with --resume, which continues from step 4$/,
    );
    expect(await readdir(join(command.cwd, "a", "checkpoints"))).toEqual([
      "step-000002.safetensors",
      "step-000004.safetensors",
    ]);
  });

  it("does not speak of --resume where there is nothing to resume", async () => {
    const full = Object.assign(new Error("no space left on device"), { code: "ENOSPC" });
    const files = { ...diskFiles, writeAtomic: (path: string) => Promise.reject(writeError(path, full)) };
    const command = await testCommand({ files });
    expect(await command.run(...small, "--out", "a", "--steps", "2")).toBe(7);
    expect(command.notes.at(-1)).toMatch(/is intact, free some space and run it again$/);
    const { cwd } = await testCommand();
    const whole = await testCommand({ cwd });
    expect(await whole.run(...small, "--out", "a", "--steps", "2")).toBe(0);
    const sampling = await testCommand({ cwd, files });
    expect(await sampling.run("sample", "a", "--count", "2", "--out", "grid.png")).toBe(7);
    expect(sampling.notes.at(-1)).toMatch(/grid\.png: .* the disk is full; .*, free some space and run it again$/);
  });

  it("leaves nothing where the first step fails, and then takes the corrected command", async () => {
    const command = await testCommand();
    const grouped = ["--set", "grouped=3"];
    expect(await command.run(...small, ...grouped, "--out", "deep/a", "--steps", "2")).toBe(2);
    expect(command.notes.at(-1)).toMatch(/the group size must divide the batch, got 3 and 4/);
    expect((await readdir(command.cwd)).sort()).toEqual(["images"]);
    const rates = ["discriminator", "generator"].flatMap((side) => [
      "--set",
      `training.optimizer.${side}.learningRate=1e300`,
    ]);
    expect(await command.run(...small, ...rates, "--out", "deep/a", "--steps", "2")).toBe(6);
    expect((await readdir(command.cwd)).sort()).toEqual(["images"]);
    expect(await command.run(...small, ...grouped, "--batch", "6", "--out", "deep/a", "--steps", "2")).toBe(0);
  });

  it("counts the images of every update for --images", async () => {
    const command = await testCommand();
    const updates = ["--set", "training.accumulation=2", "--set", "training.discriminatorSteps=3"];
    expect(await command.run(...small, ...updates, "--out", "a", "--images", "50")).toBe(0);
    // A step shows 4 x 2 x 3 images.
    expect((await losses(command.cwd, "a")).at(-1)).toMatchObject({ step: 3, images: 72 });
  });

  it("does not start beside checkpoints of an older run", async () => {
    const command = await testCommand();
    await command.run(...small, "--out", "a", "--steps", "4");
    await rm(join(command.cwd, "a", "config.json"));
    await rm(join(command.cwd, "a", "metrics.jsonl"));
    for (const dry of [[], ["--dry-run"]]) {
      expect(await command.run(...small, "--out", "a", "--steps", "2", ...dry)).toBe(2);
      expect(command.notes.at(-1)).toMatch(/must not mix with an older one/);
    }
    expect(await readdir(join(command.cwd, "a", "checkpoints"))).toEqual([
      "step-000002.safetensors",
      "step-000004.safetensors",
    ]);
  });

  it("goes on though an old checkpoint was removed by hand", async () => {
    const removing = async (path: string, chunks: readonly (Uint8Array | string)[]) => {
      if (path.endsWith("step-000004.safetensors")) rmSync(path.replace("step-000004", "step-000002"));
      return diskFiles.writeAtomic(path, chunks);
    };
    const command = await testCommand({ files: { ...diskFiles, writeAtomic: removing } });
    expect(await command.run(...small, "--out", "a", "--steps", "4", "--keep", "1")).toBe(0);
    expect(await readdir(join(command.cwd, "a", "checkpoints"))).toEqual(["step-000004.safetensors"]);
  });

  it.each([
    ["shapes that do not fit", [...small, "--set", "grouped=3"], 2, /the group size must divide the batch/],
    ["data that is not there", [...small, "--data", "nowhere"], 3, /"nowhere"; check the path/],
    [
      "classes that the data has not",
      ["train", "styled-small", "--data", "images", "--set", "classes=4"],
      3,
      /needs images with classes/,
    ],
    ["an unknown backend", [...small, "--backend", "cup"], 2, /did you mean "cpu"/],
    ["a metric that cannot be had", [...small, "--metric", "fidd"], 2, /no metric "fidd"; did you mean "fid"/],
    [
      "half precision that the backend has not",
      [...small, "--set", "training.precision=float16"],
      5,
      /float16 needs a backend/,
    ],
  ])("finds %s with --dry-run", async (_, args, code, message) => {
    const command = await testCommand();
    expect(await command.run(...args, "--dry-run")).toBe(code);
    expect(command.notes.at(-1)).toMatch(message);
    expect(await readdir(command.cwd)).toEqual(["images"]);
  });

  it("prints the resolved configuration with --dry-run and touches nothing", async () => {
    const command = await testCommand();
    expect(await command.run(...small, "--dry-run", "--json", "--set", "width=7", "--batch", "2", "--out", "a")).toBe(
      0,
    );
    expect(JSON.parse(command.out[0]!)).toMatchObject({ model: { width: 7, side: 8 }, training: { batch: 2 } });
    expect(await readdir(command.cwd)).toEqual(["images"]);
  });

  it.each([
    ["an unknown preset", ["train", "toy-smal"], 2, 'got "toy-smal"; did you mean "toy-small"'],
    ["no preset", ["train"], 2, "a preset is required,"],
    ["an unknown key", [...small, "--set", "depth=3"], 2, 'there is no setting "depth"'],
    ["an unknown training key", [...small, "--set", "training.rate=3"], 2, 'there is no setting "rate"'],
    ["an override without a value", [...small, "--set", "width"], 2, "must have the form key=value"],
    ["a batch of nothing", [...small, "--batch", "0"], 2, "--batch: it must be a whole number from 1 to 65,536"],
    ["an unknown backend", [...small, "--steps", "1", "--backend", "cup"], 2, 'did you mean "cpu"'],
    ["data that is not there", ["train", "toy-small", "--data", "nowhere"], 3, '"nowhere"; check the path'],
    ["a run that is not there", ["train", "--out", "none", "--resume"], 3, "must contain config.json"],
    ["an unknown option", ["train", "--stepz", "3"], 2, "unknown option '--stepz'"],
    ["a metric that cannot be had", [...small, "--steps", "1", "--metric", "fidd"], 2, 'no metric "fidd"'],
  ])("says in one sentence what is wrong with %s", async (_, args, code, text) => {
    const command = await testCommand();
    expect(await command.run(...args)).toBe(code);
    expect(command.notes.at(-1)).toContain(text);
    expect(command.notes.at(-1)).not.toContain("\n");
  });

  it("refuses a folder that holds a run, and a resume with other settings or other images", async () => {
    const command = await testCommand();
    await command.run(...small, "--out", "a", "--steps", "2");
    expect(await command.run(...small, "--out", "a", "--steps", "2")).toBe(2);
    expect(command.notes.at(-1)).toMatch(/must not hold a run yet.*--resume/);
    expect(await command.run("train", "toy-large", "--out", "a", "--resume", "--steps", "4")).toBe(2);
    for (const set of ["width=9", "training.loss=hinge"]) {
      expect(await command.run("train", "--out", "a", "--resume", "--steps", "4", "--set", set)).toBe(2);
      expect(command.notes.at(-1)).toMatch(/keeps its own configuration .* got (another model|training\.loss)/);
    }
    await mkdir(join(command.cwd, "others"));
    const images = await readFile(join(command.cwd, "images", "train-images-idx3-ubyte"));
    await writeFile(join(command.cwd, "others", "train-images-idx3-ubyte"), images);
    expect(await command.run("train", "--out", "a", "--resume", "--data", "others", "--steps", "4")).toBe(3);
    expect(command.notes.at(-1)).toMatch(/must be those of the run, 20 of images-train-8-grey/);
  });

  it("goes on with other rates, another batch and other intervals, and writes down what changed", async () => {
    const command = await testCommand();
    await command.run(...small, "--out", "a", "--steps", "2");
    const set = ["--set", "training.optimizer.generator.learningRate=0.001", "--batch", "8", "--log-every", "1"];
    expect(await command.run("train", "--out", "a", "--resume", "--steps", "4", ...set)).toBe(0);
    expect(command.notes.join("\n")).toMatch(/From step 2 training\.optimizer is .*0\.001[\s\S]*images changes/);
    const config = JSON.parse(await readFile(join(command.cwd, "a", "config.json"), "utf8"));
    const optimizer = { generator: { learningRate: 0.001 }, discriminator: { learningRate: 0.01 } };
    expect(config.changes).toMatchObject([{ step: 2, settings: { optimizer, batch: 8 } }]);
    expect(config.training).toMatchObject({ optimizer, batch: 8 });
    expect(config.every.log).toBe(1);
    // What is as it was is no change.
    expect(await command.run("train", "--out", "a", "--resume", "--steps", "5", "--batch", "8")).toBe(0);
    expect(JSON.parse(await readFile(join(command.cwd, "a", "config.json"), "utf8"))).toEqual(config);
  });

  it("records the plugins that a run needs, loads them again, and names one that is gone", async () => {
    const command = await testCommand();
    const plugin = join(command.cwd, "node_modules", "ganymede-plugin-same");
    await mkdir(plugin, { recursive: true });
    const manifest = { name: "ganymede-plugin-same", version: "1.2.3", type: "module", exports: "./index.js" };
    await writeFile(join(plugin, "package.json"), JSON.stringify(manifest));
    const same = `{ id: "same", source: "none", defaults: {}, create: () => ({ apply: (images) => images }) }`;
    const code = `export default () => ({ apiVersion: 1, name: "ganymede-plugin-same", augmentations: [${same}] });`;
    await writeFile(join(plugin, "index.js"), code);
    const asked = ["--plugin", "ganymede-plugin-same", "--set", "training.augmentation=same"];
    await command.run(...small, "--out", "a", "--steps", "2", ...asked);
    expect(command.notes.at(-1)).toMatch(/^Done/);
    const config = JSON.parse(await readFile(join(command.cwd, "a", "config.json"), "utf8"));
    const name = "ganymede-plugin-same";
    expect(config.plugins).toContainEqual({ specifier: name, name, version: "1.2.3" });
    expect(await command.run("train", "--out", "a", "--resume", "--steps", "3")).toBe(0);
    expect(await command.run("sample", "a", "--count", "2", "--out", "a.png")).toBe(0);
    expect(await command.run("export", "a", "--out", "a.safetensors")).toBe(0);
    await rm(plugin, { recursive: true });
    for (const line of [
      ["train", "--out", "a", "--resume", "--steps", "4"],
      ["sample", "a", "--count", "2", "--out", "b.png"],
      ["eval", "a", "--metric", "swd", "--count", "4"],
      ["export", "a"],
      ["attend", "a"],
    ]) {
      expect(await command.run(...line)).toBe(3);
      expect(command.notes.at(-1)).toMatch(
        /: the plugin "ganymede-plugin-same" 1\.2\.3 that the run needs must load, but .*; install it with: npm install ganymede-plugin-same$/,
      );
    }
  });

  it("refuses a truncated checkpoint and one of another model", async () => {
    const command = await testCommand();
    await command.run(...small, "--out", "a", "--steps", "2");
    await command.run("train", "toy-large", "--data", "images", "--out", "b", "--steps", "2");
    const path = join(command.cwd, "a", "checkpoints", "step-000002.safetensors");
    await writeFile(path, await readFile(join(command.cwd, "b", "checkpoints", "step-000002.safetensors")));
    expect(await command.run("train", "--out", "a", "--resume", "--steps", "4")).toBe(4);
    expect(command.notes.at(-1)).toMatch(/the checkpoint belongs to another model or configuration/);
    await truncate(path, 1000);
    expect(await command.run("train", "--out", "a", "--resume", "--steps", "4")).toBe(4);
    expect(command.notes.at(-1)).toContain(path);
  });

  it("logs to a table and to TensorBoard too, and refuses what is no logger before it begins", async () => {
    const command = await testCommand();
    const logs = ["--log", "csv", "--log", '{"id":"tensorboard","images":false}'];
    expect(await command.run(...small, "--out", "a", "--steps", "2", ...logs)).toBe(0);
    expect(await readFile(join(command.cwd, "a", "metrics.csv"), "utf8")).toMatch(/^step,images,[^\n]*\n1,4,/);
    expect((await readdir(join(command.cwd, "a", "tensorboard"))).length).toBe(1);
    for (const [log, message] of [
      ["cvs", /there is no logger "cvs"; did you mean "csv"/],
      ['{"id":"tensorboard","image":true}', /has no setting "image"; did you mean "images"/],
      ["{id:csv}", /--log: it must be an id, or JSON such as/],
    ] as const) {
      expect(await command.run(...small, "--out", "b", "--steps", "2", "--log", log)).toBe(2);
      expect(command.notes.at(-1)).toMatch(message);
      expect(await readdir(command.cwd)).not.toContain("b");
    }
  });

  it("says once that statistics of the real images were kept, and computes them again with --no-cache", async () => {
    const command = await testCommand();
    const args = ["train", "toy-wide", "--data", "images", "--steps", "4", "--metric", "swd", "--metric-images", "16"];
    const run = async (...more: string[]) => {
      const before = command.notes.length;
      expect(await command.run(...args, "--metric-every", "2", ...more)).toBe(0);
      return command.notes.slice(before).filter((note) => /come from the cache/.test(note)).length;
    };
    const kept = () => readdir(join(command.cwd, "cache", "statistics")).catch(() => []);
    expect(await run("--out", "a", "--no-cache")).toBe(0);
    expect(await kept()).toEqual([]);
    expect(await run("--out", "b")).toBe(0);
    expect((await kept()).length).toBe(1);
    expect(await run("--out", "c")).toBe(1);
    expect(await run("--out", "d", "--no-cache")).toBe(0);
  });

  it("keeps the checkpoint that is best by a metric beside the last ones", async () => {
    const command = await testCommand();
    const measured = [
      "--metric",
      "swd",
      "--metric-every",
      "3",
      "--metric-images",
      "16",
      "--keep-best",
      "swd",
      "--keep",
      "1",
    ];
    const args = ["train", "toy-wide", "--data", "images", "--out", "a", "--steps", "12", ...measured];
    expect(await command.run(...args)).toBe(0);
    const lines = (await readFile(join(command.cwd, "a", "metrics.jsonl"), "utf8")).trim().split("\n");
    const values = lines.map((line) => JSON.parse(line)).filter((line) => line.swd !== undefined);
    const best = values.reduce((a, b) => (b.swd < a.swd ? b : a));
    const folder = join(command.cwd, "a", "checkpoints");
    expect(JSON.parse(await readFile(join(folder, "best.json"), "utf8"))).toEqual({
      step: best.step,
      metric: "swd",
      value: best.swd,
    });
    const steps = [...new Set([best.step, 12])].map((step) => `step-${String(step).padStart(6, "0")}.safetensors`);
    expect((await readdir(folder)).sort()).toEqual(["best.json", ...steps.sort()]);
  });

  it("goes on from the checkpoint before a damaged one, and says so", async () => {
    const command = await testCommand();
    await command.run(...small, "--out", "a", "--steps", "4");
    await truncate(join(command.cwd, "a", "checkpoints", "step-000004.safetensors"), 1000);
    expect(await command.run("train", "--out", "a", "--resume", "--steps", "6")).toBe(0);
    expect(command.notes.join("\n")).toMatch(/Warning: .*step-000004.*; using step 2 instead\n[\s\S]*from step 2\n/);
  });

  it("saves the steps before an image that does not decode", async () => {
    const command = await testCommand();
    const photos = join(command.cwd, "photos");
    await mkdir(photos);
    const gradient = Uint8Array.from({ length: 64 * 64 }, (_, i) => (i * 7919) % 251);
    const png = await encodePng({ pixels: gradient, width: 64, height: 64, channels: 1 }, 1);
    for (let i = 0; i < 40; i++) await writeFile(join(photos, `${100 + i}.png`), i === 17 ? png.slice(0, 900) : png);
    const args = ["train", "toy-small", "--data", "photos", "--out", "a", "--steps", "30", "--seed", "1"];
    expect(await command.run(...args)).toBe(3);
    expect(command.notes.at(-1)).toMatch(/117.png: the image is damaged .*; replace or remove the file$/);
    const [saved] = await readdir(join(command.cwd, "a", "checkpoints"));
    await writeFile(join(photos, "117.png"), png);
    const step = Number(saved?.match(/\d+/)?.[0]);
    expect(step).toBeGreaterThan(0);
    expect(await command.run("train", "--out", "a", "--resume", "--steps", String(step + 2))).toBe(0);
  });

  it("measures while it trains", async () => {
    const command = await testCommand();
    const sized = ["--set", "side=16", "--metric", "swd", "--metric-every", "2", "--metric-images", "20"];
    expect(await command.run(...small, ...sized, "--out", "a", "--steps", "2")).toBe(0);
    expect(await losses(command.cwd, "a")).toContainEqual({ step: 2, images: 8, swd: expect.any(Number) });
  });
});

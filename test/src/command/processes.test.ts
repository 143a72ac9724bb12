import { spawnSync } from "node:child_process";
import { existsSync, openSync, readdirSync } from "node:fs";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import type { CommandProcess } from "./command-process.js";
import * as command from "./command-process.js";
import { tinyTraining, writeTinyData } from "./tiny-runs.js";

let folder: string;
let data: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "ganymede-process-"));
  data = await writeTinyData(folder);
});
afterAll(() => rm(folder, { recursive: true, force: true }));

const started: CommandProcess[] = [];
const startCommand: typeof command.startCommand = (...args) => {
  const run = command.startCommand(...args);
  started.push(run);
  return run;
};
// A test that fails leaves no training behind.
afterEach(() => {
  for (const { child } of started.splice(0)) if (child.exitCode === null) child.kill("SIGKILL");
});

const train = (out: string): readonly string[] => tinyTraining("vitgan-tiny", data, out);
const checkpoints = (out: string): readonly string[] => readdirSync(join(folder, out, "checkpoints"));
const newest = (out: string): number => Number(checkpoints(out).at(-1)?.match(/\d+/)?.[0]);

/** Waits until a run has saved a step beyond the given one. */
const savedBeyond = (out: string, step: number): Promise<void> =>
  expect.poll(() => existsSync(join(folder, out, "checkpoints")) && newest(out) > step, { timeout: 60_000 }).toBe(true);

describe.skipIf(process.platform === "win32")("a training whose reader goes away", () => {
  it.each(["stdout", "stderr"] as const)("goes on without %s, and saves at Ctrl-C", async (stream) => {
    const run = startCommand(train(stream), folder);
    await run.wrote("stdout", '"step":2,');
    run.child[stream]?.destroy();
    const step = newest(stream);
    await savedBeyond(stream, step + 5);
    expect(run.child.exitCode).toBeNull();
    run.child.kill("SIGINT");
    expect(await run.ended).toEqual({ code: 130, signal: null });
    expect(newest(stream)).toBeGreaterThan(step);
    expect(readdirSync(join(folder, stream)).sort()).toEqual([
      "checkpoints",
      "config.json",
      "metrics.jsonl",
      "samples",
    ]);
  });

  it("saves when its terminal goes away, which is told twice", async () => {
    const run = startCommand([...train("hup"), "--checkpoint-every", "1000000"], folder);
    await run.wrote("stdout", '"step":3,');
    run.child.kill("SIGHUP");
    run.child.kill("SIGHUP");
    expect(await run.ended).toEqual({ code: 130, signal: null });
    expect(checkpoints("hup")).toHaveLength(1);
  });

  it("ends well when all was shown to a reader that left early", async () => {
    const run = startCommand([...train("head"), "--steps", "4"], folder);
    await run.wrote("stdout", '"step":1,');
    run.child.stdout?.destroy();
    expect(await run.ended).toEqual({ code: 0, signal: null });
    expect(newest("head")).toBe(4);
  });
});

describe.skipIf(!existsSync("/dev/full"))("results on a full disk", () => {
  it("are one sentence and the exit code of files that cannot be written", async () => {
    const run = startCommand(["plugins"], folder, ["ignore", openSync("/dev/full", "w"), "pipe"]);
    expect(await run.ended).toEqual({ code: 7, signal: null });
    expect(run.text("stderr")).toBe(
      "standard output must be writable, but the disk is full; redirect it to another file\n",
    );
  });

  it("do not end a training, which is saved", async () => {
    const full = openSync("/dev/full", "w");
    const run = startCommand([...train("full"), "--steps", "3"], folder, ["ignore", full, "pipe"]);
    expect(await run.ended).toEqual({ code: 7, signal: null });
    expect(newest("full")).toBe(3);
  });
});

describe("two trainings with one run folder", () => {
  it("are one that trains and one that is told in a sentence", async () => {
    const runs = [startCommand(train("one"), folder), startCommand(train("one"), folder)];
    const loser = await Promise.race(runs.map((run) => run.ended.then(() => run)));
    expect(await loser.ended).toEqual({ code: 7, signal: null });
    expect(loser.text("stderr").trim().split("\n")).toEqual([
      expect.stringMatching(/one: one command at a time may write to a run folder, and process \d+ has held it since/),
    ]);
    const winner = runs.find((run) => run !== loser)!;
    await winner.wrote("stdout", '"step":2,');
    winner.child.kill("SIGTERM");
    expect((await winner.ended).code).toBe(130);
  });

  it("goes on after kill -9, and removes what it left", async () => {
    const run = startCommand(train("killed"), folder);
    await run.wrote("stdout", '"step":2,');
    run.child.kill("SIGKILL");
    expect((await run.ended).signal).toBe("SIGKILL");
    expect(readdirSync(join(folder, "killed"))).toContain("run.lock");
    const again = startCommand(["train", "--out", "killed", "--resume", "--steps", "40", "--json"], folder);
    expect((await again.ended).code).toBe(0);
    expect(newest("killed")).toBe(40);
    expect(readdirSync(join(folder, "killed"))).not.toContain("run.lock");
  });

  it("quits at once at a second Ctrl-C, and gives the folder back", async () => {
    const run = startCommand(train("quit"), folder);
    await run.wrote("stdout", '"step":2,');
    run.child.kill("SIGINT");
    run.child.kill("SIGTERM");
    expect((await run.ended).code).toBe(130);
    expect(readdirSync(join(folder, "quit"))).not.toContain("run.lock");
  });
});

it.skipIf(process.platform === "win32")("a pipe into head ends with what head says", () => {
  const line = `"${process.execPath}" "${command.commandPath}" plugins | head -1`;
  const { status, stdout, stderr } = spawnSync("sh", ["-c", line], { encoding: "utf8", cwd: folder });
  expect([status, stdout.split("\n").length, stderr]).toEqual([0, 2, ""]);
});

describe("a promise that never settles", () => {
  const forever = "await new Promise(() => undefined);\n";
  const plugin = (more: string) => `export default { apiVersion: 1, name: "ganymede-plugin-stuck", ${more} };`;

  it.each([
    ["a plugin", "stuck.mjs", `${forever}${plugin("")}`, ["plugins", "--plugin", "./stuck.mjs"]],
    [
      "the configuration file",
      "stuck.config.mjs",
      `${forever}export default {};`,
      ["backends", "--config", "stuck.config.mjs"],
    ],
    [
      "a part of a plugin",
      "stuck-data.mjs",
      plugin(
        'datasets: [{ id: "stuck", source: "none", detect: async (place) => place === "stuck", open: () => new Promise(() => undefined) }]',
      ),
      ["train", "vitgan-tiny", "--plugin", "./stuck-data.mjs", "--data", "stuck", "--steps", "1"],
    ],
  ])("of %s ends the command with a sentence", async (_, name, text, args) => {
    await writeFile(join(folder, name), text);
    const run = startCommand(args, folder);
    expect(await run.ended).toEqual({ code: 5, signal: null });
    expect(run.text("stderr").trim()).toMatch(
      /^ganymede: the command waits for a promise that never settles.*fix the plugin or remove it$/,
    );
  });
});

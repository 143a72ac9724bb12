import { existsSync, readdirSync } from "node:fs";
import { mkdtemp, readdir, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setImmediate as nextTurn, setTimeout as sleep } from "node:timers/promises";
import { GanymedeError } from "@ganymede/core";
import type { CommandProcess } from "../command/command-process.js";
import { startCommand } from "../command/command-process.js";
import type { tinyPresets } from "../command/tiny-runs.js";
import { tinyTraining, writeTinyData } from "../command/tiny-runs.js";

/** What came of a run that was killed again and again. */
export interface TortureResult {
  readonly preset: string;
  readonly kills: number;
  /** Kills that left an unfinished file, so that they hit a write. */
  readonly duringWrites: number;
  /** Kills before the first step since the start. */
  readonly beforeSteps: number;
  readonly steps: number;
  /** Files that the killed run and an undisturbed one do not share bit for bit; of the log, numbers that are not times. */
  readonly differences: readonly string[];
  /** Where both runs are kept, to be looked into; null where there is no difference. */
  readonly folder: string | null;
}

export interface TortureOptions {
  readonly preset: keyof typeof tinyPresets;
  readonly kills: number;
  /** Numbers in [0, 1) that say when. */
  readonly random: () => number;
  readonly onKill: (kill: number) => void;
}

/** Steps that the run takes after the last kill. */
const lastSteps = 3;

const unfinished = (out: string): readonly string[] =>
  ["", "checkpoints", "samples"].flatMap((inside) =>
    existsSync(join(out, inside)) ? readdirSync(join(out, inside)).filter((name) => name.endsWith(".tmp")) : [],
  );

const hasStepped = (run: CommandProcess): boolean => run.text("stdout").includes('"step":');

/** Waits for a moment to kill: while the run starts, between its steps, or during a write. */
async function killMoment(run: CommandProcess, out: string, startMs: number, random: () => number): Promise<void> {
  const kind = random();
  if (kind < 0.4) return void (await sleep(random() * startMs));
  await run.wrote("stdout", '"step":');
  if (kind < 0.7) return void (await sleep(random() * 200));
  // A write of a tiny checkpoint takes milliseconds, of which the rename is the end.
  for (const until = Date.now() + 2000; unfinished(out).length === 0 && Date.now() < until; ) await nextTurn();
}

async function finish(run: CommandProcess, what: string): Promise<void> {
  const { code, signal } = await run.ended;
  if (code === 0) return;
  throw new GanymedeError(
    "nonconforming",
    `torture: ${what} must end well, got exit code ${code} and signal ${signal}; it said: ${run.text("stderr").trim()}`,
  );
}

/** Contents of all files of a run that must not depend on its history, by name. */
async function filesOf(out: string): Promise<ReadonlyMap<string, string>> {
  const entries = await readdir(out, { recursive: true, withFileTypes: true });
  const files = entries.filter((entry) => entry.isFile()).map(({ parentPath, name }) => join(parentPath, name));
  const contents = new Map<string, string>();
  for (const path of files) {
    const bytes = await readFile(path);
    const timeless = (line: string) =>
      JSON.stringify(JSON.parse(line), (name, value) => (/^(seconds|imagesPerSecond)$/.test(name) ? undefined : value));
    const text = path.endsWith("metrics.jsonl")
      ? bytes.toString("utf8").trim().split("\n").map(timeless).join("\n")
      : bytes.toString("latin1");
    contents.set(path.slice(out.length + 1), text);
  }
  return contents;
}

/** Names of files that only one of two runs has, or that differ. */
async function differencesOf(one: string, other: string): Promise<readonly string[]> {
  const [a, b] = [await filesOf(one), await filesOf(other)];
  return [...new Set([...a.keys(), ...b.keys()])].filter((name) => a.get(name) !== b.get(name)).sort();
}

/**
 * Trains, kills the process with `kill -9` at random moments, resumes it each time, and compares every file that the run holds in the end
 * with those of a run that nothing disturbed. A lock or an unfinished file that is left is a file too many.
 *
 * @throws GanymedeError `nonconforming` when the command ends otherwise than by a kill.
 */
export async function torture({ preset, kills, random, onKill }: TortureOptions): Promise<TortureResult> {
  const folder = await mkdtemp(join(tmpdir(), "ganymede-torture-"));
  let keep = false;
  try {
    const data = await writeTinyData(folder);
    const [killed, undisturbed] = [join(folder, "killed"), join(folder, "undisturbed")];
    const begin = tinyTraining(preset, data, killed);
    const resume = ["train", "--out", killed, "--resume", "--threads", "1", "--keep", "2", "--json"];
    const startOrResume = (...more: readonly string[]) =>
      startCommand([...(existsSync(join(killed, "config.json")) ? resume : begin), ...more], folder);
    let startMs = 2000;
    let duringWrites = 0;
    let beforeSteps = 0;
    for (let kill = 1; kill <= kills; kill++) {
      const before = Date.now();
      const run = startOrResume();
      void run.wrote("stdout", '"step":').then(
        () => {
          startMs = Date.now() - before;
        },
        () => undefined,
      );
      await killMoment(run, killed, startMs, random);
      run.child.kill("SIGKILL");
      const { signal } = await run.ended;
      if (signal !== "SIGKILL") await finish(run, `the run before kill ${kill} has no end of its own and`);
      if (unfinished(killed).length > 0) duringWrites++;
      if (!hasStepped(run)) beforeSteps++;
      onKill(kill);
    }
    const names = await readdir(join(killed, "checkpoints")).catch((): string[] => []);
    const saved = names.flatMap((name) => Number(/^step-(\d+)\.safetensors$/.exec(name)?.[1] ?? []));
    const steps = Math.max(0, ...saved) + lastSteps;
    await finish(startOrResume("--steps", String(steps)), "the last resume");
    const whole = tinyTraining(preset, data, undisturbed);
    await finish(startCommand([...whole, "--steps", String(steps)], folder), "the undisturbed run");
    const differences = await differencesOf(killed, undisturbed);
    keep = differences.length > 0;
    return { preset, kills, duringWrites, beforeSteps, steps, differences, folder: keep ? folder : null };
  } finally {
    if (!keep) await rm(folder, { recursive: true, force: true });
  }
}

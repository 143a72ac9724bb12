import { readdir, rm } from "node:fs/promises";
import { join } from "node:path";
import { GanymedeError } from "@ganymede/core";
import type { PendingEntry, StoredTensor } from "@ganymede/core/checkpoint";
import { allFinite, openSafetensors, streamSafetensors } from "@ganymede/core/checkpoint";
import { fileSource } from "@ganymede/core/node";
import type { RunConfig } from "../run/run-config.js";
import { readBest } from "./best-checkpoint.js";
import { withChecksums, withoutChecksums } from "./checksums.js";
import type { Files } from "./files.js";
import { exists, readIfThere, writeError } from "./files.js";

const checkpointName = /^step-(\d+)\.safetensors$/;

/** `step-000123`, so that names sort by step. */
function stepName(step: number): string {
  return `step-${String(step).padStart(6, "0")}`;
}

/** Paths inside a run folder. */
export const runPaths = {
  config: (out: string) => join(out, "config.json"),
  metrics: (out: string) => join(out, "metrics.jsonl"),
  sample: (out: string, step: number) => join(out, "samples", `${stepName(step)}.png`),
  checkpoint: (out: string, step: number) => join(out, "checkpoints", `${stepName(step)}.safetensors`),
} as const;

/** Steps with a checkpoint, ascending. */
export async function checkpointSteps(out: string): Promise<readonly number[]> {
  const folder = join(out, "checkpoints");
  if (!(await exists(folder))) return [];
  const steps = (await readdir(folder)).flatMap((name) => {
    const match = checkpointName.exec(name);
    return match === null ? [] : [Number(match[1])];
  });
  return steps.sort((a, b) => a - b);
}

/** @throws GanymedeError `missing-file` if there is no run, `invalid-config` if the file is damaged. */
export async function readRunConfig(out: string): Promise<RunConfig> {
  const path = runPaths.config(out);
  const bytes = await readIfThere(path);
  if (bytes === null) {
    throw new GanymedeError(
      "missing-file",
      `${out}: a run folder must contain config.json, but there is none; check the path`,
    );
  }
  return parseRunConfig(new TextDecoder().decode(bytes), path);
}

/** Parses a resolved configuration; `who` names its source in errors. */
export function parseRunConfig(text: string, who: string): RunConfig {
  let config: Partial<RunConfig>;
  try {
    config = JSON.parse(text) as Partial<RunConfig>;
  } catch (error) {
    throw new GanymedeError("invalid-config", `${who} is not valid JSON; restore the file or start a new run`, {
      cause: error,
    });
  }
  if (config?.format !== 1) {
    throw new GanymedeError(
      "invalid-config",
      `${who}: it must be a run configuration of format 1, got ${config?.format === undefined ? "a file without one" : config.format}; use the version of ganymede that wrote it`,
    );
  }
  if (isRunConfig(config)) return config;
  throw new GanymedeError(
    "invalid-config",
    `${who}: a run configuration must have all of its settings, but some are missing; restore the file or choose the folder of a run`,
  );
}

/** Whether all settings of a run are present; other programs write files of this name too. */
function isRunConfig(config: Partial<RunConfig>): config is RunConfig {
  const { family, preset, model, training, data, seed, backend, every, versions, plugins, changes } = config;
  return (
    typeof family === "string" &&
    typeof preset === "string" &&
    typeof model === "object" &&
    Number.isSafeInteger(training?.batch) &&
    (data === null || typeof data?.place === "string") &&
    Number.isSafeInteger(seed) &&
    typeof backend?.id === "string" &&
    Number.isSafeInteger(every?.checkpoint) &&
    Array.isArray(plugins) &&
    Array.isArray(changes) &&
    plugins.every((plugin) => typeof plugin?.specifier === "string" && typeof plugin.name === "string") &&
    typeof versions?.["@ganymede/core"] === "string"
  );
}

/** Writes the resolved configuration, which marks the folder as a run. */
export async function writeRunConfig(files: Files, out: string, config: RunConfig): Promise<void> {
  await files.writeAtomic(runPaths.config(out), [`${JSON.stringify(config, null, 2)}\n`]);
}

export interface SaveOptions {
  readonly step: number;
  /** Values are read when they are written. */
  readonly entries: readonly PendingEntry[];
  readonly config: RunConfig;
  /** Number of most recent checkpoints to keep. */
  readonly keep: number;
}

/**
 * Writes a checkpoint atomically, then removes old ones. A state with a non-finite value is refused, so the last checkpoint on disk is
 * always good.
 *
 * @throws GanymedeError `non-finite` with the name of the entry, or `file-system`.
 */
export async function saveCheckpoint(files: Files, out: string, options: SaveOptions): Promise<string> {
  const { step, entries, config, keep } = options;
  const path = runPaths.checkpoint(out, step);
  const orSay = (error: unknown): never => {
    throw writeError(path, error);
  };
  const present = await checkpointSteps(out).catch(orSay);
  const finite = entries.map((entry) => ({
    ...entry,
    async read() {
      const data = await entry.read();
      if (allFinite(data)) return data;
      throw new GanymedeError(
        "non-finite",
        `train: every weight must be finite, but "${entry.name}" is not after step ${step}; ${lastGood(out, present)}`,
      );
    },
  }));
  const metadata = { format: "ganymede-1", step: String(step), config: JSON.stringify(config) };
  await files.writeAtomic(path, streamSafetensors(withChecksums(finite, textOf(metadata)), metadata));
  await removeOld(
    out,
    [...new Set([...present, step])].sort((a, b) => a - b),
    keep,
  ).catch(orSay);
  return path;
}

/** Removes all but the most recent checkpoints and the best one. */
async function removeOld(out: string, steps: readonly number[], keep: number): Promise<void> {
  const best = (await readBest(out))?.step;
  for (const step of steps.slice(0, Math.max(0, steps.length - keep))) {
    if (step !== best) await rm(runPaths.checkpoint(out, step), { force: true });
  }
}

/** The part of a checkpoint besides its tensors that the checksums cover. */
const textOf = ({ step, config }: Readonly<Record<string, string>>): string => `${step} ${config}`;

/** What to do after a non-finite value. */
export function lastGood(out: string, steps: readonly number[]): string {
  const last = steps.at(-1);
  const lower = "lower the rates with `set` training.optimizer.generator.learningRate=... and of discriminator";
  if (last === undefined) return `no checkpoint has been saved yet, ${lower}`;
  return `the last good checkpoint is ${runPaths.checkpoint(out, last)}, ${lower}`;
}

/** A checkpoint with the configuration of its run; tensors are read on demand. */
export interface LoadedCheckpoint {
  readonly path: string;
  readonly step: number;
  readonly config: RunConfig;
  readonly tensors: ReadonlyMap<string, StoredTensor>;
}

/**
 * Opens a checkpoint file, or the newest checkpoint of a run folder.
 *
 * @throws GanymedeError `missing-file`; `invalid-checkpoint` if it is damaged or not written by ganymede.
 */
export async function openCheckpoint(place: string): Promise<LoadedCheckpoint> {
  const path = place.endsWith(".safetensors") ? place : await newestCheckpoint(place);
  if (!(await exists(path))) {
    throw new GanymedeError("missing-file", `there is no checkpoint at ${path}; check the path`);
  }
  const { metadata, tensors: stored } = await openSafetensors(await fileSource(path));
  if (metadata.format !== "ganymede-1" || metadata.config === undefined) {
    throw new GanymedeError(
      "invalid-checkpoint",
      `${path}: the checkpoint must be one that ganymede train wrote, got other tensors; choose a run folder or a file in its checkpoints/`,
    );
  }
  const tensors = await withoutChecksums(stored, textOf(metadata), path);
  return { path, step: Number(metadata.step), config: parseRunConfig(metadata.config, path), tensors };
}

/**
 * Opens the newest intact checkpoint of a run folder: every wanted tensor is read and verified.
 *
 * @param isWanted tensors to verify. Default: all.
 * @param note called for each checkpoint that is skipped.
 * @throws GanymedeError `missing-file` if there is none, `invalid-checkpoint` if none is intact.
 */
export async function openNewestGood(
  out: string,
  note: (text: string) => void,
  isWanted: (name: string) => boolean = () => true,
): Promise<LoadedCheckpoint> {
  const steps = [...(await checkpointSteps(out))].reverse();
  for (const [index, step] of steps.entries()) {
    const before = steps[index + 1];
    try {
      const checkpoint = await openCheckpoint(runPaths.checkpoint(out, step));
      for (const [name, tensor] of checkpoint.tensors) if (isWanted(name)) await tensor.read();
      return checkpoint;
    } catch (error) {
      if (before === undefined || !GanymedeError.is(error) || error.code !== "invalid-checkpoint") throw error;
      note(`Warning: ${error.message}; using step ${before} instead`);
    }
  }
  return openCheckpoint(out);
}

async function newestCheckpoint(out: string): Promise<string> {
  const last = (await checkpointSteps(out)).at(-1);
  if (last === undefined) {
    throw new GanymedeError(
      "missing-file",
      `${out}: a run folder must contain a checkpoint in checkpoints/, but there is none; train first or check the path`,
    );
  }
  return runPaths.checkpoint(out, last);
}

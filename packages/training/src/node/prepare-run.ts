import { resolve } from "node:path";
import type { Dataset, Registry } from "@ganymede/core";
import { GanymedeError } from "@ganymede/core";
import { openDataset } from "@ganymede/data";
import type { ModelChoice, RunConfig } from "../run/run-config.js";
import { createModel } from "../run/run-config.js";
import type { Trainer } from "../run/trainer.js";
import { createTrainer } from "../run/trainer.js";
import { trainerOptions } from "../run/trainer-options.js";
import { exists } from "./files.js";
import { runContents } from "./run-contents.js";
import type { LoadedCheckpoint } from "./run-folder.js";
import { checkpointSteps, openNewestGood, readRunConfig, runPaths } from "./run-folder.js";

/** Opens the data in the image size and channels of the model. */
export async function openFor(
  registry: Registry,
  choice: ModelChoice,
  place: string,
  split: "train" | "test" = "train",
): Promise<Dataset> {
  const [height, width, channels] = createModel(registry, choice).imageShape;
  if (height !== width) {
    throw new GanymedeError("unsupported", `train: images must be square, got a model of ${height} x ${width}`);
  }
  const options = { size: height, channels: channels === 1 ? 1 : 3, split } as const;
  try {
    return await openDataset(registry.list("datasets"), place, options);
  } catch (error) {
    // A dataset with only one split is used as it is.
    const { split: _, ...any } = options;
    if (GanymedeError.is(error) && error.code === "missing-file" && split === "train") {
      return openDataset(registry.list("datasets"), place, any);
    }
    throw error;
  }
}

/** A run to resume: its configuration, and its newest checkpoint if one was saved. */
export interface Resumed {
  readonly config: RunConfig;
  readonly checkpoint: LoadedCheckpoint | null;
  /** Whether the configuration must be rewritten with changes. */
  readonly changed?: boolean;
}

/**
 * @param note called for each damaged checkpoint that is skipped.
 * @throws GanymedeError `missing-file` if there is no run, `invalid-checkpoint` if no checkpoint is intact.
 */
export async function openRun(out: string, note: (text: string) => void): Promise<Resumed> {
  const config = await readRunConfig(out);
  const hasCheckpoint = (await checkpointSteps(out)).length > 0;
  return { config, checkpoint: hasCheckpoint ? await openNewestGood(out, note) : null };
}

/** @throws GanymedeError `invalid-argument` if the folder already holds a run, or files of one that would mix with the new run. */
export async function expectNoRun(out: string): Promise<void> {
  const folder = resolve(out);
  if (await exists(runPaths.config(out))) {
    throw new GanymedeError(
      "invalid-argument",
      `\`out\`: the folder must not hold a run yet, got one in ${folder}; use \`resume: true\` to resume it, or choose another \`out\``,
    );
  }
  const left = (await runContents(out)).files.filter((path) => path !== "run.lock");
  if (left.length === 0) return;
  const more = left.length > 1 ? ` and ${left.length - 1} more` : "";
  throw new GanymedeError(
    "invalid-argument",
    `\`out\`: a new run must not mix with an older one, but ${folder} still holds ${left[0]}${more} without its config.json; move them away or choose another \`out\``,
  );
}

/** The trainer of a configuration, new or restored from its checkpoint. */
export async function trainerFor(
  registry: Registry,
  config: Pick<RunConfig, "family" | "model" | "training" | "seed">,
  checkpoint: LoadedCheckpoint | null,
): Promise<Trainer> {
  return createTrainer({
    ...trainerOptions(registry, config),
    ...(checkpoint !== null && { resume: { tensors: checkpoint.tensors, file: checkpoint.path } }),
  });
}

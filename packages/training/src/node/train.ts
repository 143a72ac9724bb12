import { resolve } from "node:path";
import type { Registry } from "@ganymede/core";
import { GanymedeError } from "@ganymede/core";
import { lowerRates } from "../run/lower-rates.js";
import { resumedConfig } from "../run/resume-changes.js";
import type { ModelChoice } from "../run/run-config.js";
import type { Run } from "../run/train.js";
import { chooseModel, overridesOf } from "../run/train-options.js";
import { exists } from "./files.js";
import { libraryRegistry } from "./library-registry.js";
import { withNeededPlugins } from "./needed-plugins.js";
import type { TrainOptions } from "./node-train-options.js";
import type { Resumed } from "./prepare-run.js";
import { expectNoRun, openRun } from "./prepare-run.js";
import { quietContext } from "./quiet-context.js";
import type { RunContext } from "./run-context.js";
import { runPaths } from "./run-folder.js";
import { lockRun } from "./run-lock.js";
import { trainSession } from "./train-session.js";

/** The run in a folder with the requested changes, and the registry that it needs. */
async function openResumed(out: string, known: Registry, options: TrainOptions, context: RunContext) {
  const found = await openRun(out, context.terminal.note);
  const registry = await withNeededPlugins(known, found.config.plugins, runPaths.config(out), context.cwd);
  const { preset, set, seed, every } = options;
  const id = typeof preset === "object" ? ("id" in preset ? preset.id : preset.preset) : preset;
  const asked = { set: overridesOf(set), every, seed, preset: id };
  const { config, notes } = resumedConfig(registry, found.config, found.checkpoint?.step ?? 0, asked);
  notes.forEach(context.terminal.note);
  const changed = JSON.stringify(config) !== JSON.stringify(found.config);
  return { registry, resumed: { ...found, config, changed } satisfies Resumed };
}

function choiceOf(registry: Registry, { preset, set }: TrainOptions): ModelChoice {
  if (preset !== undefined) return chooseModel(registry, preset, set);
  throw new GanymedeError("invalid-argument", "train: a preset is required, got none; name one or resume a run");
}

/** Factor of the learning rates after a non-finite loss, and the most rollbacks per checkpoint. */
const rollback = { factor: 0.5, most: 3 } as const;

/** The run at its last good checkpoint, with lower rates; rethrows the error if there is none. */
async function rolledBack(out: string, error: GanymedeError, { terminal }: RunContext): Promise<Resumed> {
  if (!(await exists(runPaths.config(out)))) throw error;
  const found = await openRun(out, terminal.note);
  if (found.checkpoint === null) throw error;
  const { step } = found.checkpoint;
  const before = found.config.changes.filter((change) => change.step === step && change.reason === "non-finite").length;
  if (before === rollback.most) {
    throw new GanymedeError(
      "non-finite",
      `${error.message}; \`onNan: "rollback"\` has already halved the rates ${before} times from step ${step}`,
      { cause: error },
    );
  }
  const optimizer = lowerRates(found.config.training, rollback.factor);
  terminal.note(`${error.message}; the run goes back to step ${step} with both learning rates halved`);
  const changes = [...found.config.changes, { step, reason: "non-finite", settings: { optimizer } } as const];
  const training = { ...found.config.training, optimizer };
  return { ...found, config: { ...found.config, training, changes }, changed: true };
}

/**
 * Trains into a run folder: `config.json`, `metrics.jsonl`, grids in `samples`, and checkpoints from which a run that was stopped or killed
 * can be resumed. Only one process at a time can use a folder.
 *
 * @throws GanymedeError `invalid-argument` for a folder that already holds a run; `invalid-config`; `invalid-data`; `non-finite` for a
 *   non-finite loss; `file-system` if the folder is not writable.
 */
export async function train(options: TrainOptions): Promise<Run> {
  const context = quietContext(options.context);
  const out = resolve(context.cwd, options.out);
  const known = libraryRegistry(options);
  const chosen = options.resume ? null : choiceOf(known, options);
  const lock = await lockRun(out);
  try {
    if (chosen !== null) await expectNoRun(out);
    const opened = chosen === null ? await openResumed(out, known, options, context) : null;
    const registry = opened?.registry ?? known;
    let resumed: Resumed | null = opened?.resumed ?? null;
    const started = context.clock();
    for (;;) {
      const choice = resumed?.config ?? (chosen as ModelChoice);
      try {
        return await trainSession(
          { options, registry, out, resumed, choice, spent: context.clock() - started },
          context,
        );
      } catch (error) {
        const isNan = GanymedeError.is(error) && error.code === "non-finite";
        if (!isNan || options.onNan !== "rollback") throw error;
        resumed = await rolledBack(out, error, context);
      }
    }
  } finally {
    lock.release();
  }
}

import type { TrainingProgress } from "@ganymede/core";
import { allFinite, GanymedeError } from "@ganymede/core";
import type { Batch } from "@ganymede/data";
import { prefetch } from "@ganymede/data";
import type { Trainer } from "./trainer.js";

/** A step that was taken, with its losses where they were read back. */
export interface StepReport extends TrainingProgress {
  readonly report: Readonly<Record<string, number>> | null;
}

/** What the loop does besides stepping; each is due every so many steps, and at the end. */
export interface LoopEvents {
  /** The first step of this loop was taken, and its losses are finite; called before all others. */
  begin(progress: TrainingProgress): Promise<void>;
  /** A step was taken; called every time. */
  step(report: StepReport): Promise<void>;
  /** Time for a grid. */
  sample(step: number): Promise<void>;
  /** Time for a checkpoint. */
  checkpoint(step: number): Promise<void>;
  /** Time to measure; only called between steps. */
  measure?(step: number): Promise<void>;
}

export interface LoopOptions {
  readonly trainer: Trainer;
  /** The batch of any step. */
  readonly batch: (step: number) => Promise<Batch>;
  /** Where to stop: steps in all, seconds of this loop; infinite for none. */
  readonly limits: { readonly steps: number; readonly seconds: number };
  readonly every: {
    readonly log: number;
    readonly sample: number;
    readonly checkpoint: number;
    readonly measure?: number;
  };
  readonly events: LoopEvents;
  readonly signal: AbortSignal;
  /** Seconds from any fixed moment. */
  readonly clock: () => number;
  /** Ends the sentence about a loss that is not finite: where the last good checkpoint is. */
  readonly remedy: () => Promise<string>;
}

/** Images that could not be read, and why. */
class Unreadable {
  constructor(readonly error: unknown) {}
}

export type LoopEnd = "done" | "interrupted";

/** Which parameters the step left not finite: the first by its path, and how many of how many. */
async function brokenParameters(trainer: Trainer): Promise<string> {
  const parameters = trainer.entries().filter(({ name }) => /^(generator|discriminator)\./.test(name));
  const broken: string[] = [];
  for (const { name, read } of parameters) if (!allFinite(await read())) broken.push(name);
  if (broken.length === 0) return "all parameters are finite still";
  return `not finite after it: ${broken[0]}, ${broken.length} of ${parameters.length} parameters in all`;
}

/** In which layer values stop being finite, or that it is in none. */
async function brokenLayer(trainer: Trainer, batch: Batch): Promise<string> {
  const path = await trainer.firstNonFinite(batch);
  if (path !== null) return `the first layer whose output is not finite is ${path}`;
  return "the outputs of all layers are finite, so a gradient or a term of the objective was not";
}

async function expectFinite(
  losses: Readonly<Record<string, number>>,
  trainer: Trainer,
  batch: Batch,
  remedy: () => Promise<string>,
): Promise<void> {
  const broken = Object.entries(losses).find(([, value]) => !Number.isFinite(value));
  if (broken === undefined) return;
  const where = `${await brokenLayer(trainer, batch)}; ${await brokenParameters(trainer)}`;
  throw new GanymedeError(
    "non-finite",
    `train: every loss must be finite, got ${broken[0]} = ${broken[1]} at step ${trainer.step} (${where}); ${await remedy()}`,
  );
}

/**
 * Steps until a limit or the signal: read, step, log, snapshot, measure, save, in that order. Ends with a checkpoint of the last
 * step, also when it was interrupted.
 *
 * @throws GanymedeError `non-finite` when a loss is not finite; nothing is saved then.
 */
export async function trainLoop(options: LoopOptions): Promise<LoopEnd> {
  const { trainer, every, events, limits, signal, clock } = options;
  const started = clock();
  const first = trainer.step;
  let since = { at: started, step: first };
  let saved = first;
  let sampled = first;
  const due = (interval: number | undefined): boolean => interval !== undefined && trainer.step % interval === 0;
  const over = (): boolean => signal.aborted || clock() - started >= limits.seconds || trainer.step >= limits.steps;

  const pace = (step: number, batch: number, now: number): TrainingProgress => ({
    step,
    images: step * batch,
    seconds: now - started,
    imagesPerSecond: ((step - since.step) * batch) / Math.max(1e-9, now - since.at),
  });

  // A measurement that the signal ended is left out; the run itself still saves.
  const unlessStopped = (error: unknown): void => {
    if (!signal.aborted) throw error;
  };

  // Images that cannot be read leave the state as good as it was: the steps since the last checkpoint are not lost.
  const batchOrSave = async (step: number): Promise<Batch | Unreadable> =>
    options.batch(step).catch((error: unknown) => new Unreadable(error));

  if (!over()) {
    for await (const batch of prefetch(batchOrSave, { from: first, to: limits.steps })) {
      if (batch instanceof Unreadable) {
        if (saved !== trainer.step) await events.checkpoint(trainer.step);
        throw batch.error;
      }
      // The first step of a run is reported too: it shows that things move. The last one, whenever it ends, only if it is due.
      const wanted = (trainer.step + 1) % every.log === 0 || trainer.step + 1 === limits.steps || since.at === started;
      const losses = await trainer.advance(batch, wanted);
      const { step } = trainer;
      const progress = pace(step, batch.shape[0], clock());
      if (losses !== null) await expectFinite(losses, trainer, batch, options.remedy);
      if (step === first + 1) await events.begin(progress);
      await events.step({ ...progress, report: losses });
      if (losses !== null) since = { at: clock(), step };
      if (due(every.sample)) {
        await events.sample(step);
        sampled = step;
      }
      if (due(every.checkpoint)) {
        await events.checkpoint(step);
        saved = step;
      }
      if (due(every.measure)) await events.measure?.(step).catch(unlessStopped);
      if (over()) break;
    }
  }
  if (saved !== trainer.step) await events.checkpoint(trainer.step);
  if (sampled !== trainer.step) await events.sample(trainer.step);
  return signal.aborted ? "interrupted" : "done";
}

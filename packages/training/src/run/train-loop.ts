import type { TrainingProgress } from "@ganymede/core";
import { GanymedeError, losesNaN } from "@ganymede/core";
import { allFinite } from "@ganymede/core/checkpoint";
import type { Batch } from "@ganymede/data";
import { prefetch } from "@ganymede/data";
import type { Trainer } from "./trainer.js";

/** A step that was taken, with its losses if they were read back. */
export interface StepReport extends TrainingProgress {
  readonly report: Readonly<Record<string, number>> | null;
}

/** Events of the loop; each periodic one is also due at the end. */
export interface LoopEvents {
  /** After the first step of this loop if its losses are finite; called before all others. */
  begin(progress: TrainingProgress): Promise<void>;
  /** After every step. */
  step(report: StepReport): Promise<void>;
  /** Draw a grid of samples. */
  sample(step: number): Promise<void>;
  /** Save a checkpoint. */
  checkpoint(step: number): Promise<void>;
  /** Measure; only called between steps. */
  measure?(step: number): Promise<void>;
}

export interface LoopOptions {
  readonly trainer: Trainer;
  /** Returns the batch of a step. */
  readonly batch: (step: number) => Promise<Batch>;
  /** Total steps, and seconds of this loop; Infinity for no limit. */
  readonly limits: { readonly steps: number; readonly seconds: number };
  readonly every: {
    readonly log: number;
    readonly sample: number;
    readonly checkpoint: number;
    readonly measure?: number;
  };
  readonly events: LoopEvents;
  readonly signal: AbortSignal;
  /** Seconds since an arbitrary fixed time. */
  readonly clock: () => number;
  /** End of the error sentence for a non-finite loss: where the last good checkpoint is. */
  readonly remedy: () => Promise<string>;
}

/** Images that could not be read, with the error. */
class Unreadable {
  constructor(readonly error: unknown) {}
}

export type LoopEnd = "done" | "interrupted";

/** The first parameter, by path, that is not finite after the step, and how many are not; null if all are. */
async function brokenParameters(trainer: Trainer): Promise<string | null> {
  const parameters = trainer.entries().filter(({ name }) => /^(generator|discriminator)\./.test(name));
  const broken: string[] = [];
  for (const { name, read } of parameters) if (!allFinite(await read())) broken.push(name);
  if (broken.length === 0) return null;
  return `not finite after it: ${broken[0]}, ${broken.length} of ${parameters.length} parameters in all`;
}

/** The first layer with a non-finite output, or that there is none. */
async function brokenLayer(trainer: Trainer, batch: Batch): Promise<string> {
  const path = await trainer.firstNonFinite(batch);
  if (path !== null) return `the first layer whose output is not finite is ${path}`;
  return "the outputs of all layers are finite, so a gradient or a term of the objective is not";
}

async function expectFinite(
  losses: Readonly<Record<string, number>>,
  trainer: Trainer,
  batch: Batch,
  remedy: () => Promise<string>,
): Promise<void> {
  const broken = Object.entries(losses).find(([, value]) => !Number.isFinite(value));
  if (broken === undefined && !losesNaN()) return;
  const parameters = await brokenParameters(trainer);
  if (broken === undefined && parameters === null) return;
  const [rule, what] =
    broken === undefined
      ? ["every parameter must be finite, got NaN or infinity", "every loss is finite"]
      : [`every loss must be finite, got ${broken[0]} = ${broken[1]}`, await brokenLayer(trainer, batch)];
  const where = `${what}; ${parameters ?? "all parameters are still finite"}`;
  throw new GanymedeError("non-finite", `train: ${rule} at step ${trainer.step} (${where}); ${await remedy()}`);
}

/**
 * Steps until a limit or the signal: read, step, log, sample, measure, save, in this order. Ends with a checkpoint of the last
 * step, also when interrupted.
 *
 * @throws GanymedeError `non-finite` for a non-finite loss, or parameter on a backend that loses NaN; nothing is saved then.
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

  // An interrupted measurement is skipped; the run itself is still saved.
  const unlessStopped = (error: unknown): void => {
    if (!signal.aborted) throw error;
  };

  // Unreadable images do not affect the state: the steps since the last checkpoint are saved.
  const batchOrSave = async (step: number): Promise<Batch | Unreadable> =>
    options.batch(step).catch((error: unknown) => new Unreadable(error));

  if (!over()) {
    for await (const batch of prefetch(batchOrSave, { from: first, to: limits.steps })) {
      if (batch instanceof Unreadable) {
        if (saved !== trainer.step) await events.checkpoint(trainer.step);
        throw batch.error;
      }
      // The first step is always reported, to show progress; the last one only if it is due.
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

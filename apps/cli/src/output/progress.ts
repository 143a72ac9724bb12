import type { Callback, CallbackInputs, Part, TrainingProgress } from "@ganymede/core";
import type { Terminal } from "./terminal.js";
import { formatDuration, formatNumber } from "./units.js";

export interface DisplayLimits {
  readonly steps: number;
  readonly seconds: number;
}

/** Seconds until the first limit is reached; Infinity without limits. */
export function secondsLeft({ step, seconds }: TrainingProgress, firstStep: number, limits: DisplayLimits): number {
  const perStep = seconds / Math.max(1, step - firstStep);
  return Math.max(0, Math.min((limits.steps - step) * perStep, limits.seconds - seconds));
}

const plainEverySeconds = 10;

/** A narrow terminal cuts off the end of the line, so less important values come last. */
function lossesFirst(shown: Readonly<Record<string, number>>): readonly (readonly [string, number])[] {
  const entries = Object.entries(shown);
  const isLoss = ([name]: readonly [string, number]): boolean => name.startsWith("loss/");
  return [...entries.filter(isLoss), ...entries.filter((entry) => !isLoss(entry))];
}

/** Formatted losses; those of an earlier step are marked with it, because losses are not read at every step. */
function lossesOf(
  { step, losses }: { readonly step: number; readonly losses: Readonly<Record<string, number>> },
  current: number,
): readonly string[] {
  const numbers = lossesFirst(losses).map(([name, value]) => `${name} ${formatNumber(value)}`);
  return step === current || numbers.length === 0 ? numbers : [`at step ${step}:`, ...numbers];
}

/** Step, pace, remaining time and losses: a status line on a terminal, else a plain line every ten seconds. */
export function trainingDisplay(
  terminal: Terminal,
  firstStep: number,
  limits: DisplayLimits,
): Required<Pick<Callback, "onStep" | "onEnd">> {
  let shown = { step: firstStep, losses: {} as Readonly<Record<string, number>> };
  let last = Number.NEGATIVE_INFINITY;
  return {
    onStep(progress) {
      if (progress.report !== null) shown = { step: progress.step, losses: progress.report };
      const plain = !terminal.live && progress.seconds - last >= plainEverySeconds;
      if (!terminal.live && !plain) return;
      last = progress.seconds;
      const left = secondsLeft(progress, firstStep, limits);
      const line = [
        `step ${progress.step}${Number.isFinite(limits.steps) ? `/${limits.steps}` : ""}`,
        `${formatNumber(progress.imagesPerSecond)} images/s`,
        Number.isFinite(left) ? `${formatDuration(left)} left` : formatDuration(progress.seconds),
        ...lossesOf(shown, progress.step),
      ].join("  ");
      if (terminal.live) terminal.status(line);
      else terminal.note(line);
    },
    onEnd: () => terminal.status(""),
  };
}

/** The same for a run whose first step and limits are known at its start. */
export function displayCallback(terminal: Terminal): Part<CallbackInputs, Callback> {
  return {
    id: "display",
    source: "none",
    settings: {},
    create: ({ firstStep, limits }) => trainingDisplay(terminal, firstStep, limits),
  };
}

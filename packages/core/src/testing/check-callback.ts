import type { Callback, CallbackComponent, CallbackInputs } from "../contracts/callback.js";
import type { Settings } from "./conforming.js";
import { calmly, conformingPart } from "./conforming.js";
import { demand } from "./fail.js";

/** The run of a callback's check. */
export interface CallbackCheck {
  /** Default: the component's defaults. */
  readonly settings?: Settings;
  /** Inputs of the run. Default: four steps without a model, for a callback that does not use one. */
  readonly inputs?: Partial<Omit<CallbackInputs, "stop">>;
  /** Metrics reported after the second step. Default: `swd` of 1. */
  readonly metrics?: Readonly<Record<string, number>>;
  /** Step after which the callback must have stopped the run; null if it must never stop it. Default: not checked. */
  readonly stopsAt?: number | null;
}

/** Calls the hooks in order; returns the step after which the run was stopped. */
async function session(
  make: (inputs: CallbackInputs) => Callback,
  { inputs = {}, metrics = { swd: 1 } }: CallbackCheck,
  who: string,
): Promise<number | null> {
  const { model = {} as CallbackInputs["model"], firstStep = 0 } = inputs;
  const limits = inputs.limits ?? { steps: firstStep + 4, seconds: Number.POSITIVE_INFINITY };
  let stopped: number | null = null;
  let step = firstStep;
  const stop = () => {
    stopped ??= step;
  };
  const callback = await calmly(() => make({ model, firstStep, limits, stop }), who, "create");
  demand(stopped === null, who, "it must not stop a run before its first step");
  for (step = firstStep + 1; step <= firstStep + 4 && stopped === null; step++) {
    const progress = Object.freeze({ step, images: 8 * step, seconds: step - firstStep, imagesPerSecond: 8 });
    // Losses are read from the device only at some steps.
    const report = step % 2 === 0 ? Object.freeze({ "loss/d": 1.5, "loss/g": 0.5 }) : null;
    if (step === firstStep + 1) await calmly(() => callback.onStart?.(progress), who, "onStart");
    await calmly(() => callback.onStep?.(Object.freeze({ ...progress, report })), who, "onStep");
    if (step !== firstStep + 2) continue;
    await calmly(() => callback.onCheckpoint?.(step), who, "onCheckpoint");
    await calmly(() => callback.onMetrics?.(step, Object.freeze({ ...metrics })), who, "onMetrics");
  }
  await calmly(() => callback.onEnd?.(step - 1), who, "onEnd");
  return stopped;
}

/**
 * Checks a callback: it works on a run of four steps, with and without losses, on a resumed run and on one that fails before its first step,
 * changes none of its arguments, and stops the run if declared.
 *
 * @throws GanymedeError `nonconforming` with the callback and the first rule that it violates.
 */
export async function checkCallback(component: CallbackComponent, check: CallbackCheck = {}): Promise<void> {
  const who = `callback "${component.id}"`;
  const part = conformingPart(component, check.settings ?? {}, who);
  const make = (inputs: CallbackInputs) => part.create(inputs);
  const first = await session(make, check, who);
  if (check.stopsAt !== undefined) {
    demand(first === check.stopsAt, who, `it must stop the run at step ${check.stopsAt}, got ${first}`);
  }
  const again = await session(make, check, who);
  demand(first === again, who, `two runs must be independent, but they stop at ${first} and at ${again}`);
  await session(make, { ...check, inputs: { ...check.inputs, firstStep: 100 } }, who);
  const inputs = {
    model: {} as never,
    firstStep: 0,
    limits: { steps: 1, seconds: 1 },
    stop: () => undefined,
    ...check.inputs,
  };
  const failed = await calmly(() => make(inputs), who, "create");
  await calmly(() => failed.onEnd?.(0), who, "onEnd of a run that failed before its first step");
}

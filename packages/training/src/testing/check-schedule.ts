import type { Progress, ScheduleComponent } from "@ganymede/core";
import type { Settings } from "@ganymede/core/testing";
import { calmly, conformingPart, demand, expectNoLeaks, purely } from "@ganymede/core/testing";
import * as tf from "@tensorflow/tfjs-core";
import { schedules as ownSchedules, scheduleResolver } from "../optim/create-schedule.js";

/** Settings of a schedule's check. */
export interface ScheduleCheck {
  /** Default: the component's defaults. */
  readonly settings?: Settings;
  /** Schedules that its settings may name, in addition to those of this package. Default: none. */
  readonly schedules?: readonly ScheduleComponent[];
}

const steps = [0, 1, 2, 3, 7, 10, 99, 1000, 12_345, 1e6];

/** Training progress at a step with 8 images per step. */
export const progressAt = (step: number): Progress => ({ step: tf.scalar(step), images: tf.scalar(8 * step) });

/**
 * Checks a schedule: at every step its value is finite and between its declared ends, a number or a scalar computed from the progress alone,
 * so that the same progress gives the same value, also in a compiled step.
 *
 * @throws GanymedeError `nonconforming` with the schedule and the first rule that it violates.
 */
export async function checkSchedule(
  component: ScheduleComponent,
  { settings = {}, schedules = [] }: ScheduleCheck = {},
): Promise<void> {
  const who = `schedule "${component.id}"`;
  const part = conformingPart(component, settings, who);
  const schedule = part.create({ schedule: scheduleResolver([...ownSchedules, ...schedules]) });
  const { ends } = schedule;
  demand(ends.length > 0 && ends.every(Number.isFinite), who, `its ends must be finite numbers, got [${ends}]`);
  const [low, high] = [Math.min(...ends), Math.max(...ends)];
  const slack = 1e-6 * Math.max(Math.abs(low), Math.abs(high));
  const valueAt = async (step: number): Promise<number> => {
    const value = await calmly(() => purely(() => schedule.at(progressAt(step)), who), who, `at step ${step}`);
    if (typeof value === "number") return value;
    demand(value.rank === 0, who, `it must return a number or a scalar, got shape [${value.shape}]`);
    return (await value.data())[0] as number;
  };
  const values: number[] = [];
  for (const step of steps) {
    const value = await valueAt(step);
    demand(Number.isFinite(value), who, `its value must be finite, got ${value} at step ${step}`);
    const isBetween = value >= low - slack && value <= high + slack;
    demand(isBetween, who, `its values must lie between its ends ${low} and ${high}, got ${value} at step ${step}`);
    values.push(value);
  }
  // In reverse, to detect a schedule that counts its calls.
  for (const [index, step] of [...steps.entries()].reverse()) {
    const again = await valueAt(step);
    demand(
      again === values[index],
      who,
      `its value must depend on the progress alone, got ${values[index]} and ${again} at step ${step}`,
    );
  }
  const progress = progressAt(5);
  await expectNoLeaks(() => {
    tf.tidy(() => void schedule.at(progress));
  }, who);
}

import type { Scalar } from "@tensorflow/tfjs-core";
import type { AnyComponent, Ref } from "../component/component.js";
import type { Setting } from "../config/settings.js";

/** How far training is, before the update: float32 scalars, so that a compiled step needs no new trace for them. */
export interface Progress {
  /** Steps taken. */
  readonly step: Scalar;
  /** Real images that the discriminator has been trained on. */
  readonly images: Scalar;
}

/** A number over training. */
export interface Schedule {
  at(progress: Progress): Scalar | number;
  /** Numbers between which all of its values lie; they must be in the range of the setting. */
  readonly ends: readonly number[];
}

/** A number, or a schedule of numbers such as `{ id: "cosine", from: 0.05, to: 0.005, images: 2e7 }`. */
export type Scheduled = number | Ref;

/**
 * The schedule of a setting.
 *
 * @param where begins the sentences of errors: the part and its setting.
 * @param range what every value of the schedule must be.
 */
export type ResolveSchedule = (value: Scheduled, where: string, range: Setting<number>) => Schedule;

/** What schedules and optimizers are made with. */
export interface ScheduleInputs {
  readonly schedule: ResolveSchedule;
}

/** A schedule as a plugin contributes it. */
export interface ScheduleComponent extends AnyComponent {
  create(settings: never, inputs: ScheduleInputs): Schedule;
}

import type { Scalar } from "@tensorflow/tfjs-core";
import type { AnyComponent, Ref } from "../component/component.js";
import type { Setting } from "../config/settings.js";

/** Training progress before the update, in float32 scalars so that a compiled step is not retraced. */
export interface Progress {
  /** Steps taken. */
  readonly step: Scalar;
  /** Real images that the discriminator has been trained on. */
  readonly images: Scalar;
}

/** A value over the course of training. */
export interface Schedule {
  at(progress: Progress): Scalar | number;
  /** Bounds of all its values; they must be in the range of the setting. */
  readonly ends: readonly number[];
}

/** A number or a schedule, such as `{ id: "cosine", from: 0.05, to: 0.005, images: 2e7 }`. */
export type Scheduled = number | Ref;

/**
 * Resolves the schedule of a setting.
 *
 * @param where start of the error sentences: the part and its setting.
 * @param range range that every value of the schedule must be in.
 */
export type ResolveSchedule = (value: Scheduled, where: string, range: Setting<number>) => Schedule;

/** Inputs of the factories of schedules and optimizers. */
export interface ScheduleInputs {
  readonly schedule: ResolveSchedule;
}

/** A schedule as a plugin provides it. */
export interface ScheduleComponent extends AnyComponent {
  create(settings: never, inputs: ScheduleInputs): Schedule;
}

import type { AnyComponent } from "../component/component.js";
import type { AdversarialModel } from "./model-family.js";

/** Progress of a run. */
export interface TrainingProgress {
  /** Total steps taken. */
  readonly step: number;
  /** Total real images seen. */
  readonly images: number;
  /** Seconds of training in this session. */
  readonly seconds: number;
  /** Average since losses were last read. */
  readonly imagesPerSecond: number;
}

/**
 * User hooks of a training loop. The loop awaits each call; an error ends the run, whose checkpoints remain. All calls happen
 * between two steps.
 */
export interface Callback {
  /** Called after the first step of this session. */
  onStart?(progress: TrainingProgress): void | Promise<void>;
  /** Called after each step; `report` has its losses if they were read from the device, else null. */
  onStep?(step: TrainingProgress & { readonly report: Readonly<Record<string, number>> | null }): void | Promise<void>;
  /** Called after metrics were measured. */
  onMetrics?(step: number, values: Readonly<Record<string, number>>): void | Promise<void>;
  /** Called when the checkpoint of a step is on disk; it is written in the background, so later steps may have been taken. */
  onCheckpoint?(step: number): void | Promise<void>;
  /** Called when the run has ended: finished, stopped or failed. */
  onEnd?(step: number): void | Promise<void>;
}

/** Inputs of a callback's factory. */
export interface CallbackInputs {
  readonly model: AdversarialModel;
  /** Steps taken before this session. */
  readonly firstStep: number;
  /** Limits of this session: total steps, and seconds of training; Infinity for no limit. */
  readonly limits: { readonly steps: number; readonly seconds: number };
  /** Stops the run after the current step and saves it. `ganymede train` then exits with code 0, as at a limit. */
  stop(): void;
}

/** A callback as a plugin provides it. */
export interface CallbackComponent extends AnyComponent {
  create(settings: never, inputs: CallbackInputs): Callback;
}

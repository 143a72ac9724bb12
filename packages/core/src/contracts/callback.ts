import type { AnyComponent } from "../component/component.js";
import type { AdversarialModel } from "./model-family.js";

/** How far a run is. */
export interface TrainingProgress {
  /** Steps taken in all. */
  readonly step: number;
  /** Real images shown in all. */
  readonly images: number;
  /** Of training in this session. */
  readonly seconds: number;
  /** Over the steps since losses were last read. */
  readonly imagesPerSecond: number;
}

/**
 * What a user adds to a training loop. The loop waits for each call; an error of one ends the run, whose checkpoints stay. Every call comes
 * between two steps.
 */
export interface Callback {
  /** The first step of this session was taken. */
  onStart?(progress: TrainingProgress): void | Promise<void>;
  /** A step was taken; `report` has its losses where they were read from the device, else null. */
  onStep?(step: TrainingProgress & { readonly report: Readonly<Record<string, number>> | null }): void | Promise<void>;
  /** Metrics were measured. */
  onMetrics?(step: number, values: Readonly<Record<string, number>>): void | Promise<void>;
  /** The checkpoint of a step is on the disk; it is written while training goes on, so later steps may have been taken. */
  onCheckpoint?(step: number): void | Promise<void>;
  /** The run is over, whether it is done, was stopped or failed. */
  onEnd?(step: number): void | Promise<void>;
}

/** What a callback is made with. */
export interface CallbackInputs {
  readonly model: AdversarialModel;
  /** Steps taken before this session. */
  readonly firstStep: number;
  /** Where this session ends at the latest: steps in all, seconds of training; infinite for none. */
  readonly limits: { readonly steps: number; readonly seconds: number };
  /** Ends the run after its step and saves it. `ganymede train` then ends with exit code 0, as at a limit. */
  stop(): void;
}

/** A callback as a plugin contributes it. */
export interface CallbackComponent extends AnyComponent {
  create(settings: never, inputs: CallbackInputs): Callback;
}

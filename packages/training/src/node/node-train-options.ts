import type { Dataset, Ref, Registry } from "@ganymede/core";
import type { RunConfig } from "../run/run-config.js";
import type { PresetChoice, TrainingChoices } from "../run/train-options.js";
import type { RunContext } from "./run-context.js";

export interface TrainOptions extends Omit<TrainingChoices, "preset"> {
  /** What is trained; on resume the run says it. */
  readonly preset?: PresetChoice;
  /** Real images: a folder, a spec such as `scenes:64`, or open images. Default: those that are found on this machine. */
  readonly data?: string | Dataset;
  /** The run folder. */
  readonly out: string;
  /**
   * Goes on with the run in `out`, bit for bit. `set` may change the optimizers' settings, clipping, the moving average and the
   * batch, and `every` the intervals; changes are recorded in the run's configuration. Default: false.
   */
  readonly resume?: boolean;
  /** Last checkpoints that stay on disk. Default: 3. */
  readonly keep?: number;
  /** A metric of `metrics`: the checkpoint that is best by it stays too, and is written when it is measured. */
  readonly keepBest?: string;
  /**
   * What a loss that is not finite leads to: an error, or going on from the last good checkpoint with both learning rates halved, which is
   * recorded in the run's configuration; at most three times from one checkpoint. Default: stop.
   */
  readonly onNan?: "stop" | "rollback";
  /** Measures samples while training. */
  readonly metrics?: {
    /** Such as `swd`, `fid-2048` or `{ id: "fid", extractor: "mine" }`. */
    readonly ids: readonly Ref[];
    /** Steps between two measurements. Default: 1000. */
    readonly every?: number;
    /** Images of each side. Default: 1000. */
    readonly images?: number;
    /** Weights of the FID Inception network: a file or folder. Default: where they are found. */
    readonly inception?: string;
    /** Whether statistics of the real images are kept, and taken where they are known. Default: true. */
    readonly cache?: boolean;
  };
  /** Words for people, the disk, the clock. Default: silence, and those of this process. */
  readonly context?: Partial<RunContext>;
  /** In place of `plugins`: everything that the run may name. */
  readonly registry?: Registry;
  /** What loads plugins that are no packages of their own names. */
  readonly specifiers?: ReadonlyMap<string, string>;
  /** Versions to record, by package. Default: those of this package and what it stands on. */
  readonly versions?: RunConfig["versions"];
}

import type { Dataset, Ref, Registry } from "@ganymede/core";
import type { RunConfig } from "../run/run-config.js";
import type { PresetChoice, TrainingChoices } from "../run/train-options.js";
import type { RunContext } from "./run-context.js";

/** Options of `train` with a run folder. */
export interface TrainOptions extends Omit<TrainingChoices, "preset"> {
  /** What to train. Not needed when resuming. */
  readonly preset?: PresetChoice;
  /** Real images: a folder, a spec such as `scenes:64`, or an open dataset. Default: found on this machine. */
  readonly data?: string | Dataset;
  /** The run folder. */
  readonly out: string;
  /**
   * Resumes the run in `out`, bit for bit. `set` may change the optimizers' settings, clipping, the EMA and the batch size, and `every` the
   * intervals; changes are recorded in the run's configuration. Default: false.
   */
  readonly resume?: boolean;
  /** Number of most recent checkpoints to keep. Default: 3. */
  readonly keep?: number;
  /** Metric of `metrics` whose best checkpoint is kept too; it is written when it is measured. */
  readonly keepBest?: string;
  /**
   * On a non-finite loss: throw, or roll back to the last good checkpoint with both learning rates halved, which is recorded in the run's
   * configuration; at most three times per checkpoint. Default: stop.
   */
  readonly onNan?: "stop" | "rollback";
  /** Measures samples while training. */
  readonly metrics?: {
    /** Metrics, such as `swd`, `fid-2048` or `{ id: "fid", extractor: "mine" }`. */
    readonly ids: readonly Ref[];
    /** Steps between two measurements. Default: 1000. */
    readonly every?: number;
    /** Images per side. Default: 1000. */
    readonly images?: number;
    /** Weights of the FID Inception network: a file or folder. Default: searched for. */
    readonly inception?: string;
    /** Cache the statistics of the real images. Default: true. */
    readonly cache?: boolean;
  };
  /** Messages, file system and clock. Default: no messages, and those of this process. */
  readonly context?: Partial<RunContext>;
  /** Replaces `plugins`: a registry of everything that the run may name. */
  readonly registry?: Registry;
  /** How plugins are loaded whose specifier is not their name, by plugin name. */
  readonly specifiers?: ReadonlyMap<string, string>;
  /** Versions to record, by package. Default: this package and its dependencies. */
  readonly versions?: RunConfig["versions"];
}

/** Device that a backend found. */
export interface Device {
  /** Name for the user: `NVIDIA H200`. */
  readonly name: string;
  /** Why `auto` skips it although it works, or null. */
  readonly autoSkipReason: string | null;
}

/** Time of one operator type in the last run of a graph. */
export interface OperatorTime {
  readonly operator: string;
  readonly milliseconds: number;
  readonly calls: number;
}

/** Profile of one graph. */
export interface GraphProfile {
  /** Number of runs of the graph. */
  readonly runs: number;
  /** Wall time of its last run. */
  readonly milliseconds: number;
  /** Slowest first; an operator inside another is counted in both rows. */
  readonly operators: readonly OperatorTime[];
}

/** An active profiler. */
export interface Profiler {
  /** Shuts down the backend and returns the profiles of its graphs, slowest first. */
  finish(): Promise<readonly GraphProfile[]>;
}

/** How long a training is, at least or at most; Infinity where nothing limits it. */
export interface TrainingLength {
  readonly steps: number;
  readonly seconds: number;
}

/** A backend that runs tensors. Its code is imported only by `activate`. */
export interface Backend {
  /** Name for `--backend` and for tfjs. */
  readonly id: string;
  /** Description for the user: `CPU, 2 threads`; only the kind, such as `GPU`, if details need a query. */
  readonly device: string;
  /** `auto` chooses the available backend of highest priority. */
  readonly priority: number;
  /** `auto` passes over it unless a training is at least so long, since a slow start must repay itself first. Default: it starts fast. */
  readonly repaysAfter?: TrainingLength;
  /** True if `compile` runs whole functions as one graph. */
  readonly compiled: boolean;
  /** One sentence shown when a run starts, about what to expect before the first step; absent if there is nothing to say. */
  readonly notice?: string;
  /** Why it is not available and what to do about it, or null if it is. */
  unavailable(): Promise<string | null>;
  /** Queries the device of an available backend; absent if `device` says everything. */
  inspect?(): Promise<Device>;
  /** The same backend with another number of CPU threads; absent if that cannot be chosen. */
  withThreads?(threads: number): Backend;
  /** Makes it the current tfjs backend. */
  activate(): Promise<void>;
  /** Activates it with profiling; absent if it has no profiler. */
  activateProfiled?(): Promise<Profiler>;
}

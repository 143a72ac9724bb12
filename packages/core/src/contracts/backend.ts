/** What a backend found to run on. */
export interface Device {
  /** Shown to people: `NVIDIA H200`. */
  readonly name: string;
  /** Why `auto` leaves it out although it works, or null. */
  readonly onlyByName: string | null;
}

/** Time of one operator type in the last run of a graph. */
export interface OperatorTime {
  readonly operator: string;
  readonly milliseconds: number;
  readonly calls: number;
}

/** What an engine's profiler saw of one graph. */
export interface GraphProfile {
  /** How often the graph ran. */
  readonly runs: number;
  /** Wall time of its last run. */
  readonly milliseconds: number;
  /** Longest first; operators inside another count in their own row and in the other's. */
  readonly operators: readonly OperatorTime[];
}

/** A profiler that is on. */
export interface Profiler {
  /** Ends the backend and gives its graphs, longest first. */
  finish(): Promise<readonly GraphProfile[]>;
}

/** An engine that runs tensors. Its code is imported only by `activate`. */
export interface Backend {
  /** The name given to `--backend` and to tfjs. */
  readonly id: string;
  /** Shown to people: `CPU, 2 threads`; of what is only known by asking, the kind: `GPU`. */
  readonly device: string;
  /** `auto` takes the available backend of the highest priority. */
  readonly priority: number;
  /** True when `compile` runs whole functions as one graph here. */
  readonly compiled: boolean;
  /** Why it cannot be used here and what to type to change that, or null when it can. */
  unavailable(): Promise<string | null>;
  /** What it found here, for one that is available; absent where `device` says it all. */
  inspect?(): Promise<Device>;
  /** The same backend on so many threads of the CPU; absent where that cannot be chosen. */
  withThreads?(threads: number): Backend;
  /** Makes it the current tfjs backend. */
  activate(): Promise<void>;
  /** The same with the engine's profiler on; absent where it has none. */
  activateProfiled?(): Promise<Profiler>;
}

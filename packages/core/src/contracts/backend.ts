/** An engine that runs tensors. Its code is imported only by `activate`. */
export interface Backend {
  /** The name given to `--backend` and to tfjs. */
  readonly id: string;
  /** Shown to people: `CPU, 2 threads`. */
  readonly device: string;
  /** `auto` takes the available backend of the highest priority. */
  readonly priority: number;
  /** True when `compile` runs whole functions as one graph here. */
  readonly compiled: boolean;
  /** Why it cannot be used here and what to type to change that, or null when it can. */
  unavailable(): Promise<string | null>;
  /** Makes it the current tfjs backend. */
  activate(): Promise<void>;
}

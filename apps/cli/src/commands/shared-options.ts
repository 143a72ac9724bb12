/** Options that every command has. */
export interface SharedOptions {
  /** One JSON object per line on standard output. */
  readonly json: boolean;
  /** `--plugin`, in order. */
  readonly plugins: readonly string[];
  /** `--config`. */
  readonly config: string | undefined;
}

/** Options of commands that run a model. */
export interface BackendOption {
  /** A backend's id, or `auto`. */
  readonly backend: string;
}

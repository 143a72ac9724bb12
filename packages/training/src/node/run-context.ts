import type { Files } from "./files.js";

/** Where messages for the user go. */
export interface Reporter {
  /** Prints a line that stays. */
  note(line: string): void;
  /** Replaces the status line; empty clears it. */
  status(line: string): void;
}

/** Environment of a run: everything that it touches besides the files it reads. Tests inject their own. */
export interface RunContext {
  readonly terminal: Reporter;
  /** Base of relative paths and package lookups. */
  readonly cwd: string;
  readonly environment: Readonly<Record<string, string | undefined>>;
  readonly files: Files;
  /** Seconds since an arbitrary fixed time. */
  readonly clock: () => number;
}

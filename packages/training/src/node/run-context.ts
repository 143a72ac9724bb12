import type { Files } from "./files.js";

/** Where words for people go. */
export interface Reporter {
  /** A line that stays. */
  note(line: string): void;
  /** Replaces the live line; empty for none. */
  status(line: string): void;
}

/** The world around a run: all that it touches besides the files it reads. Tests give another one. */
export interface RunContext {
  readonly terminal: Reporter;
  /** Paths and packages are looked for from here. */
  readonly cwd: string;
  readonly environment: Readonly<Record<string, string | undefined>>;
  readonly files: Files;
  /** Seconds from any fixed moment. */
  readonly clock: () => number;
}

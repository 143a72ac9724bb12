import type { Plugin } from "@ganymede/core";
import type { Terminal } from "./output/terminal.js";
import type { Files } from "./run/files.js";
import type { SignalSource } from "./run/stop-signal.js";

/** The world around a command: all that it touches besides the files it reads. Tests give another one. */
export interface CommandContext {
  readonly terminal: Terminal;
  /** The plugins that need no configuration. */
  readonly builtIn: () => Promise<readonly Plugin[]>;
  readonly cwd: string;
  readonly environment: Readonly<Record<string, string | undefined>>;
  readonly files: Files;
  readonly signals: SignalSource;
  /** Seconds from any fixed moment. */
  readonly clock: () => number;
}

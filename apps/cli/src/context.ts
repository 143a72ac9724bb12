import type { Plugin } from "@ganymede/core";
import type { RunContext } from "@ganymede/training/node";
import type { Terminal } from "./output/terminal.js";
import type { SignalSource } from "./run/stop-signal.js";

/** Environment of a command: everything that it touches besides the files it reads. Tests inject their own. */
export interface CommandContext extends RunContext {
  readonly terminal: Terminal;
  /**
   * The plugins that need no configuration.
   *
   * @param preset only this preset is needed; plugins that merely have others may be left out. Default: all plugins.
   */
  readonly builtIn: (preset?: string) => Promise<readonly Plugin[]>;
  readonly signals: SignalSource;
}

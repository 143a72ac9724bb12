import { GanymedeError } from "@ganymede/core/errors";
import { CommanderError } from "commander";
import { ownVersion } from "./config/versions.js";
import type { CommandContext } from "./context.js";
import { exitCodeOf, exitCodeUnexpected } from "./exit-codes.js";
import { createProgram, usageError } from "./program.js";

/** Prints an error: one sentence for ours, the whole trace for an unexpected one. */
function report(error: unknown, context: CommandContext): number {
  context.terminal.status("");
  if (GanymedeError.is(error)) {
    context.terminal.note(error.message);
  } else {
    context.terminal.note(error instanceof Error ? (error.stack ?? error.message) : String(error));
    context.terminal.note("This is a bug in ganymede; please report it with the lines above.");
  }
  return exitCodeOf(error);
}

/**
 * An empty argument usually comes from an unset shell variable: an empty --data would train on other images, and an empty path
 * means the current folder.
 */
function expectNoEmpty(args: readonly string[]): void {
  const at = args.findIndex((text) => text === "" || /^--[\w-]+=$/.test(text));
  if (at < 0) return;
  const name = args[at] === "" ? args[at - 1] : args[at];
  const place = name === undefined ? "first" : `after "${name}"`;
  throw new GanymedeError(
    "invalid-argument",
    `ganymede: an argument must not be empty, got an empty one ${place}; give a value, or check the shell variable that it comes from`,
  );
}

/** Runs a command line (without the program's name) and returns the exit code. */
export async function runCommandLine(args: readonly string[], context: CommandContext): Promise<number> {
  let asked: (() => Promise<number>) | undefined;
  const program = createProgram(ownVersion(), context, (run) => {
    asked = run;
  });
  try {
    expectNoEmpty(args);
    await program.parseAsync([...args], { from: "user" });
    if (asked === undefined) return exitCodeUnexpected;
    return await asked();
  } catch (error) {
    if (!(error instanceof CommanderError)) return report(error, context);
    // Help and the version end here too; help shown because no command was given is a usage error.
    return error.exitCode === 0 ? 0 : error.code === "commander.help" ? 2 : report(usageError(error), context);
  }
}

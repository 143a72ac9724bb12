import { GanymedeError } from "@ganymede/core";
import { CommanderError } from "commander";
import { ownVersion } from "./config/versions.js";
import type { CommandContext } from "./context.js";
import { exitCodeOf, exitCodeUnexpected } from "./exit-codes.js";
import { createProgram, usageError } from "./program.js";

/** An error for people: one sentence for ours, the whole trace for what we did not foresee. */
function report(error: unknown, context: CommandContext): number {
  context.terminal.status("");
  if (GanymedeError.is(error)) {
    context.terminal.note(error.message);
  } else {
    context.terminal.note(error instanceof Error ? (error.stack ?? error.message) : String(error));
    context.terminal.note("This is an error in ganymede itself; please report it with the lines above.");
  }
  return exitCodeOf(error);
}

/**
 * An empty argument is a variable of the shell that is not set: an empty --data would train on other images, an empty path be the
 * folder that the command runs in.
 */
function expectNoEmpty(args: readonly string[]): void {
  const at = args.findIndex((text) => text === "" || /^--[\w-]+=$/.test(text));
  if (at < 0) return;
  const name = args[at] === "" ? args[at - 1] : args[at];
  const place = name === undefined ? "first" : `after "${name}"`;
  throw new GanymedeError(
    "invalid-argument",
    `ganymede: an argument must hold something, got an empty one ${place}; give a value, or check the variable that it comes from`,
  );
}

/** Runs one command line (without the program's name) and gives the exit code. */
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
    // Help and the version end here too; help that was shown for want of a command is a usage error.
    return error.exitCode === 0 ? 0 : error.code === "commander.help" ? 2 : report(usageError(error), context);
  }
}

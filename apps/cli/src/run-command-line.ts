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

/** Runs one command line (without the program's name) and gives the exit code. */
export async function runCommandLine(args: readonly string[], context: CommandContext): Promise<number> {
  let asked: (() => Promise<number>) | undefined;
  const program = createProgram(ownVersion(), context, (run) => {
    asked = run;
  });
  try {
    await program.parseAsync([...args], { from: "user" });
    if (asked === undefined) return exitCodeUnexpected;
    return await asked();
  } catch (error) {
    if (!(error instanceof CommanderError)) return report(error, context);
    // Help and the version end here too; help that was shown for want of a command is a usage error.
    return error.exitCode === 0 ? 0 : error.code === "commander.help" ? 2 : report(usageError(error), context);
  }
}

import { GanymedeError } from "@ganymede/core/errors";
import type { CommanderError } from "commander";
import { Command } from "commander";
import { describeRange, rangeOf } from "./config/number-ranges.js";
import type { CommandContext } from "./context.js";
import { exitCodeHelp } from "./exit-codes.js";
import { addAttend } from "./program/attend.js";
import { addBackends } from "./program/backends.js";
import { addBench } from "./program/bench.js";
import { addCompare } from "./program/compare.js";
import { addEval } from "./program/eval.js";
import { addExport } from "./program/export.js";
import { addImport } from "./program/import.js";
import { addPlugins } from "./program/plugins.js";
import { addSample } from "./program/sample.js";
import type { Run } from "./program/shared.js";
import { examples } from "./program/shared.js";
import { addStart } from "./program/start.js";
import { addTrain } from "./program/train.js";

const environmentPage = "https://github.com/ganymede-gan/ganymede/blob/main/docs/environment.md";

/** Every command, in the order of the help. */
const commands = [
  addStart,
  addTrain,
  addSample,
  addAttend,
  addEval,
  addCompare,
  addImport,
  addExport,
  addBench,
  addBackends,
  addPlugins,
];

/**
 * Creates the command line. The code of a command is loaded only when it runs.
 *
 * @param start receives the command to run.
 */
export function createProgram(version: string, context: CommandContext, start: (run: Run) => void): Command {
  const program = new Command("ganymede")
    .description("Train, sample and measure attention-based GANs")
    .version(version)
    .configureOutput({
      writeOut: (text) => context.terminal.out(text.trimEnd()),
      writeErr: (text) => context.terminal.note(text.trimEnd()),
      outputError: () => undefined,
    })
    .showSuggestionAfterError()
    .exitOverride()
    .addHelpText(
      "after",
      `${examples([
        "ganymede start",
        "ganymede train vitgan-cifar10 --data ./cifar-10-batches-bin --out runs/cifar --steps 20000",
        "ganymede sample runs/cifar --count 64",
      ])}\n${exitCodeHelp}\n\nColours are off where NO_COLOR is set or the output is no terminal. Environment variables, such as GANYMEDE_DATA (datasets) and\nGANYMEDE_CACHE (downloads): ${environmentPage}`,
    );
  for (const add of commands) add(program, context, start);
  // Commands that are added ready-made do not inherit exitOverride and the output.
  for (const command of program.commands) {
    command.copyInheritedSettings(program);
    for (const option of command.options) {
      const range = rangeOf(command.name(), option.long ?? "");
      if (range !== null) option.description += `; ${describeRange(range)}`;
    }
  }
  return program;
}

/** Converts an error of Commander: its text without the prefix, and a hint to the help. */
export function usageError(error: CommanderError): GanymedeError {
  const text = error.message
    .replace(/^error: /, "")
    .replace(/\s*\n\s*/g, " ")
    .replace(/\.$/, "");
  return new GanymedeError("invalid-argument", `ganymede: ${text}; see ganymede --help`, { cause: error });
}

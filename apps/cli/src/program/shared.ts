import type { Command, OptionValues } from "commander";
import type { SharedOptions } from "../commands/shared-options.js";
import { numberIn } from "../config/parse-number.js";
import type { CommandContext } from "../context.js";

/** Runs a parsed command; gives its exit code. */
export type Run = () => Promise<number>;

/** Adds one command, whose code is loaded only when it runs. */
export type Add = (program: Command, context: CommandContext, start: (run: Run) => void) => void;

/** Gathers an option that may be given several times. */
export const collect = (value: string, before: readonly string[]): readonly string[] => [...before, value];

export function examples(lines: readonly string[]): string {
  return `\nExamples:\n${lines.map((line) => `  $ ${line}`).join("\n")}\n`;
}

/** Options of every command. */
export function withShared(command: Command): Command {
  return command
    .option("--json", "one JSON object per line on standard output", false)
    .option("--plugin <package>", "load a plugin package or file (repeatable)", collect, [])
    .option("--config <file>", "configuration file (default: ganymede.config.ts, .mts, .js, .mjs or .json here)");
}

/** For commands that run a model. */
export function withBackend(command: Command): Command {
  return command
    .option("--backend <id>", "engine to run on; see ganymede backends", "auto")
    .option("--threads <number>", "threads of the CPU (default: one per core)", numberIn("--threads"));
}

/** For commands that draw from the averaged generator. */
export function withStanding(command: Command): Command {
  return command
    .option(
      "--standing-passes <number>",
      "gather the norms' statistics over so many batches of fresh images first (default: those of training)",
      numberIn("--standing-passes"),
    )
    .option("--standing-batch <number>", "images of each (default: 64)", numberIn("--standing-batch"));
}

/** Commander's options as a command's own: `--plugin` is a list, and what was not given is not there. */
export function optionsOf<Options extends SharedOptions>({ plugin, ...options }: OptionValues): Options {
  return { ...options, plugins: plugin } as unknown as Options;
}

import type { Command, OptionValues } from "commander";
import type { SharedOptions } from "../commands/shared-options.js";
import { numberIn } from "../config/parse-number.js";
import type { CommandContext } from "../context.js";

/** Runs a parsed command; returns its exit code. */
export type Run = () => Promise<number>;

/** Adds a command, whose code is loaded only when it runs. */
export type Add = (program: Command, context: CommandContext, start: (run: Run) => void) => void;

/** Collects an option that may be repeated. */
export const collect = (value: string, before: readonly string[]): readonly string[] => [...before, value];

export function examples(lines: readonly string[]): string {
  return `\nExamples:\n${lines.map((line) => `  $ ${line}`).join("\n")}\n`;
}

/** Adds the options of every command. */
export function withShared(command: Command): Command {
  return command
    .option("--json", "one JSON object per line on standard output", false)
    .option("--plugin <package>", "load a plugin package or file (repeatable)", collect, [])
    .option(
      "--config <file>",
      "configuration file (default: ganymede.config.ts, .mts, .js, .mjs or .json in this folder)",
    );
}

/** Adds the options of commands that run a model. */
export function withBackend(command: Command): Command {
  return command
    .option("--backend <id>", "backend to run on; see ganymede backends", "auto")
    .option("--threads <number>", "CPU threads (default: one per core)", numberIn("--threads"));
}

/** Adds the options of commands that sample from the generator's EMA. */
export function withStanding(command: Command): Command {
  return command
    .option(
      "--standing-passes <number>",
      "gather standing statistics over this many batches first (default: the running statistics of training)",
      numberIn("--standing-passes"),
    )
    .option("--standing-batch <number>", "images per batch (default: 64)", numberIn("--standing-batch"));
}

/** Commander's options as those of a command: `--plugin` becomes a list, and options that were not given are absent. */
export function optionsOf<Options extends SharedOptions>({ plugin, ...options }: OptionValues): Options {
  return { ...options, plugins: plugin } as unknown as Options;
}

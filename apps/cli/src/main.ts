#!/usr/bin/env node
import { diskFiles, failureReason } from "@ganymede/training/node";
import { exitCodes } from "./exit-codes.js";
import { outliveReader } from "./output/outlive-reader.js";
import { createTerminal } from "./output/terminal.js";
import { runCommandLine } from "./run-command-line.js";

const notes = outliveReader(process.stderr, () => undefined);
const results = outliveReader(process.stdout, (error) => {
  notes.write(`standard output: it must be writable, but ${failureReason(error)}; send it to another place\n`);
  // The command goes on, such as a training that is logged there too; how it ends tells that lines are missing.
  process.once("exit", (code) => {
    if (code === 0) process.exitCode = exitCodes["file-system"];
  });
});

// A promise that never settles leaves Node nothing to wait for: it ends, and would do so without a word.
let isDone = false;
process.once("exit", (code) => {
  if (isDone || code !== 0) return;
  notes.write(
    "ganymede: a command must end, but this one waits for what can no longer come, such as a promise of a plugin or of the configuration file that never settles; mend the plugin, or leave it out\n",
  );
  process.exitCode = exitCodes.nonconforming;
});

// Not awaited at the top level, of which Node has a warning of its own.
void runCommandLine(process.argv.slice(2), {
  terminal: createTerminal(results, notes, process.env),
  // Loaded with the first command that needs them: help and errors come at once.
  builtIn: async () => (await import("./built-in-plugins.js")).builtInPlugins(),
  cwd: process.cwd(),
  environment: process.env,
  files: diskFiles,
  signals: { on: process.on.bind(process), off: process.off.bind(process), exit: quit },
  clock: () => performance.now() / 1000,
}).then((code) => {
  isDone = true;
  process.exitCode = code;
});

/** Ends the process at once, as a second Ctrl-C asks. */
function quit(code: number): void {
  isDone = true;
  process.exit(code);
}

#!/usr/bin/env node
import { diskFiles, failureReason } from "@ganymede/training/disk";
import { exitCodes } from "./exit-codes.js";
import { outliveReader } from "./output/outlive-reader.js";
import { createTerminal } from "./output/terminal.js";
import { runCommandLine } from "./run-command-line.js";

const notes = outliveReader(process.stderr, () => undefined);
const results = outliveReader(process.stdout, (error) => {
  notes.write(`standard output must be writable, but ${failureReason(error)}; redirect it to another file\n`);
  // The command continues, for example a training that also logs to its folder; the exit code tells that lines are missing.
  process.once("exit", (code) => {
    if (code === 0) process.exitCode = exitCodes["file-system"];
  });
});

// With a promise that never settles, Node has nothing to wait for and would exit silently.
let isDone = false;
process.once("exit", (code) => {
  if (isDone || code !== 0) return;
  notes.write(
    "ganymede: the command waits for a promise that never settles, such as one of a plugin or of the configuration file; fix the plugin or remove it\n",
  );
  process.exitCode = exitCodes.nonconforming;
});

// Not a top-level await, for which Node prints its own warning.
void runCommandLine(process.argv.slice(2), {
  terminal: createTerminal(results, notes, process.env),
  // Loaded by the first command that needs them, so that help and errors appear at once.
  builtIn: async (preset) => (await import("./built-in-plugins.js")).builtInPlugins(preset),
  cwd: process.cwd(),
  environment: process.env,
  files: diskFiles,
  signals: { on: process.on.bind(process), off: process.off.bind(process), exit: quit },
  clock: () => performance.now() / 1000,
}).then((code) => {
  isDone = true;
  process.exitCode = code;
});

/** Ends the process immediately, on the second Ctrl-C. */
function quit(code: number): void {
  isDone = true;
  process.exit(code);
}

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

const code = await runCommandLine(process.argv.slice(2), {
  terminal: createTerminal(results, notes, process.env),
  // Loaded with the first command that needs them: help and errors come at once.
  builtIn: async () => (await import("./built-in-plugins.js")).builtInPlugins(),
  cwd: process.cwd(),
  environment: process.env,
  files: diskFiles,
  signals: process,
  clock: () => performance.now() / 1000,
});
process.exitCode = code;

#!/usr/bin/env node
import { createTerminal } from "./output/terminal.js";
import { diskFiles } from "./run/files.js";
import { runCommandLine } from "./run-command-line.js";

// A reader that has seen enough, as `head`, closes the pipe: that ends the command, and is no fault of it.
process.stdout.on("error", (error: NodeJS.ErrnoException) => {
  if (error.code !== "EPIPE") throw error;
  process.exit(0);
});

const code = await runCommandLine(process.argv.slice(2), {
  terminal: createTerminal(process.stdout, process.stderr, process.env),
  // Loaded with the first command that needs them: help and errors come at once.
  builtIn: async () => (await import("./built-in-plugins.js")).builtInPlugins(),
  cwd: process.cwd(),
  environment: process.env,
  files: diskFiles,
  signals: process,
  clock: () => performance.now() / 1000,
});
process.exitCode = code;

import { diskFiles } from "./files.js";
import type { RunContext } from "./run-context.js";

/** The context of this process without messages, with `changes` applied. */
export function quietContext(changes: Partial<RunContext> = {}): RunContext {
  return {
    terminal: { note: () => undefined, status: () => undefined },
    cwd: process.cwd(),
    environment: process.env,
    files: diskFiles,
    clock: () => performance.now() / 1000,
    ...changes,
  };
}

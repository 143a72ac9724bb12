import { diskFiles } from "./files.js";
import type { RunContext } from "./run-context.js";

/** The world of this process, without a word for people; `changes` take its place where they are given. */
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

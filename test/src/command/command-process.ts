import type { ChildProcess, StdioOptions } from "node:child_process";
import { spawn } from "node:child_process";
import { join } from "node:path";

/** The built command of this checkout; this file is in `test/src/command` or `test/dist/command`. */
export const commandPath = join(import.meta.dirname, "../../../apps/cli/bin/ganymede.js");

/** How a process ended. */
export interface ProcessEnd {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
}

/** The command as a process of its own. */
export interface CommandProcess {
  readonly child: ChildProcess;
  /** What it wrote so far, where the stream is a pipe. */
  text(stream: "stdout" | "stderr"): string;
  /** Waits until the words were written. */
  wrote(stream: "stdout" | "stderr", words: string | RegExp): Promise<void>;
  readonly ended: Promise<ProcessEnd>;
}

/**
 * Starts `ganymede` with arguments.
 *
 * @param environment variables in addition to those of this process.
 */
export function startCommand(
  args: readonly string[],
  cwd: string,
  stdio: StdioOptions = ["ignore", "pipe", "pipe"],
  environment: Readonly<Record<string, string>> = {},
): CommandProcess {
  const child = spawn(process.execPath, [commandPath, ...args], {
    cwd,
    stdio,
    env: { ...process.env, ...environment },
  });
  const texts = { stdout: "", stderr: "" };
  let tell = (): void => undefined;
  for (const name of ["stdout", "stderr"] as const) {
    child[name]?.setEncoding("utf8").on("data", (text: string) => {
      texts[name] += text;
      tell();
    });
  }
  const ended = new Promise<ProcessEnd>((resolve, reject) => {
    child.once("error", reject);
    child.once("close", (code, signal) => resolve({ code, signal }));
  });
  return {
    child,
    text: (stream) => texts[stream],
    async wrote(stream, words) {
      const found = () => texts[stream].search(words) >= 0;
      while (!found()) {
        const more = new Promise<"more">((resolve) => {
          tell = () => resolve("more");
        });
        if ((await Promise.race([more, ended])) === "more" || found()) continue;
        throw new Error(`the command ended without "${words}" on ${stream}: ${texts.stderr}`);
      }
    },
    ended,
  };
}

import type { ChildProcess } from "node:child_process";
import { spawn } from "node:child_process";
import { createInterface } from "node:readline";

/** A process that measures one engine: it reads a JSON object per line and answers with one. */
export interface Worker {
  ask<Answer>(request: object): Promise<Answer>;
  close(): void;
}

/** Starts a measuring process. What it prints besides answers goes to standard error. */
export function startWorker(command: string, args: readonly string[]): Worker {
  const child: ChildProcess = spawn(command, args, { stdio: ["pipe", "pipe", "inherit"] });
  const waiting: { resolve(line: string): void; reject(error: Error): void }[] = [];
  createInterface({ input: child.stdout! }).on("line", (line) => {
    if (line.startsWith("{")) waiting.shift()?.resolve(line);
  });
  let failure: Error | undefined;
  const fail = (error: Error): void => {
    failure ??= error;
    for (const { reject } of waiting.splice(0)) reject(error);
  };
  child.on("error", fail);
  child.on("exit", (code, signal) =>
    fail(new Error(`bench: the process "${command}" ended early with ${signal ?? code}`)),
  );
  return {
    ask: <Answer>(request: object) =>
      new Promise<Answer>((resolve, reject) => {
        if (failure !== undefined) return reject(failure);
        waiting.push({ resolve: (line) => resolve(JSON.parse(line) as Answer), reject });
        child.stdin!.write(`${JSON.stringify(request)}\n`);
      }),
    close: () => void child.kill(),
  };
}

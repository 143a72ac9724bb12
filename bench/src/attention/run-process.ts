import { spawn } from "node:child_process";
import { fileURLToPath } from "node:url";
import type { Answer } from "./settings.js";

/** A program that prints an answer: one of ours beside this file, or one under bench/pytorch. */
export type Program =
  | { readonly node: "variant-worker.js" | "depth-worker.js" }
  | { readonly python: string; readonly file: string };

function commandOf(program: Program): readonly [command: string, file: string] {
  return "node" in program
    ? [process.execPath, fileURLToPath(new URL(program.node, import.meta.url))]
    : [program.python, fileURLToPath(new URL(`../../pytorch/${program.file}`, import.meta.url))];
}

/** Runs one measuring process to its end, or to the end of its time. What it prints besides goes to standard error. */
export function runProcess(program: Program, settings: object, limitSeconds: number): Promise<Answer> {
  const [command, file] = commandOf(program);
  return new Promise((resolve, reject) => {
    const child = spawn(command, [file, JSON.stringify(settings)], {
      stdio: ["ignore", "pipe", "inherit"],
      timeout: limitSeconds * 1000,
      killSignal: "SIGKILL",
    });
    const start = performance.now();
    let text = "";
    child.stdout.setEncoding("utf8").on("data", (part: string) => (text += part));
    child.on("error", reject);
    child.on("close", (code, signal) => {
      const line = text.split("\n").find((each) => each.startsWith("{"));
      if (line !== undefined) resolve(JSON.parse(line) as Answer);
      else if (performance.now() - start >= limitSeconds * 1000) resolve({ reason: `above ${limitSeconds} s` });
      else reject(new Error(`bench: ${file} must print an answer, but ended with ${signal ?? code}`));
    });
  });
}

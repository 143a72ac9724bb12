import { fileURLToPath } from "node:url";
import type { Side } from "./rounds.js";
import { startWorker } from "./worker.js";

type Times = { ms: number[] };
type Memory = { mb: number };

/** A side of a comparison that can be ended. */
export type WorkerSide = Side & { close(): void };

function workerSide(name: string, command: string, args: readonly string[]): WorkerSide {
  const worker = startWorker(command, args);
  return {
    name,
    time: async () => (await worker.ask<Times>({ do: "steps", count: 1 })).ms[0]!,
    memory: async () => (await worker.ask<Memory>({ do: "memory" })).mb,
    close: () => worker.close(),
  };
}

/** One of our own measuring programs, by its file beside this one. */
export function nodeSide(name: string, file: string, settings: object): WorkerSide {
  return workerSide(name, process.execPath, [fileURLToPath(new URL(file, import.meta.url)), JSON.stringify(settings)]);
}

/** One of the Python programs, by its path under `bench`. */
export function pythonSide(name: string, python: string, file: string, settings: object): WorkerSide {
  return workerSide(name, python, [fileURLToPath(new URL(`../${file}`, import.meta.url)), JSON.stringify(settings)]);
}

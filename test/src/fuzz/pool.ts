import { type ChildProcess, fork } from "node:child_process";
import { join } from "node:path";
import type { FuzzCase } from "./case.js";
import type { WorkerAnswer } from "./worker.js";

export interface PoolOptions {
  /** The built worker, or another program that answers as it does. */
  readonly worker: string;
  readonly workers: number;
  /** Longest time for a file, in milliseconds. */
  readonly limit: number;
  /** Most memory that a process may ever have held, in MiB. */
  readonly memory: number;
  /** Where workers keep their files. */
  readonly folder: string;
}

/** What became of a file, the end of its process included. */
export interface PoolOutcome {
  readonly kind: "read" | "refused" | "untyped" | "hang" | "crash" | "memory";
  readonly message: string;
  readonly resident: number;
  readonly milliseconds: number;
}

/** One process and the files that it was given; a new one takes its place when it ends. */
class Slot {
  private child: ChildProcess | null = null;

  constructor(
    private readonly options: PoolOptions,
    private readonly index: number,
  ) {}

  private async start(): Promise<ChildProcess> {
    // Memory outside of V8's heap has no such limit: it is measured after each file.
    const child = fork(this.options.worker, [join(this.options.folder, `worker-${this.index}`)], {
      execArgv: ["--enable-source-maps", `--max-old-space-size=${this.options.memory}`],
      stdio: ["ignore", "ignore", "ignore", "ipc"],
    });
    await new Promise<void>((resolve, reject) => {
      child.once("message", () => resolve());
      child.once("exit", (code) => reject(new Error(`fuzz: a worker must start, but it ended with ${code}`)));
    });
    child.removeAllListeners();
    return child;
  }

  async run(each: FuzzCase): Promise<PoolOutcome> {
    const { limit, memory } = this.options;
    this.child ??= await this.start();
    const child = this.child;
    const start = performance.now();
    const ended = (kind: "hang" | "crash", message: string): PoolOutcome => ({
      kind,
      message,
      resident: 0,
      milliseconds: performance.now() - start,
    });
    const outcome = await new Promise<PoolOutcome>((resolve) => {
      const timer = setTimeout(() => resolve(ended("hang", `not done after ${limit} ms`)), limit);
      child.once("exit", (code, signal) => {
        clearTimeout(timer);
        resolve(ended("crash", `its process ended with ${signal ?? code}`));
      });
      child.once("message", ({ outcome: { kind, message }, resident, milliseconds }: WorkerAnswer) => {
        clearTimeout(timer);
        const isTooMuch = resident > memory;
        resolve({
          kind: isTooMuch ? "memory" : kind,
          message: isTooMuch ? `${resident.toFixed(0)} MiB resident` : message,
          resident,
          milliseconds,
        });
      });
      child.send(each);
    });
    child.removeAllListeners();
    if (outcome.kind === "hang" || outcome.kind === "crash" || outcome.kind === "memory") this.close();
    return outcome;
  }

  close(): void {
    this.child?.kill("SIGKILL");
    this.child = null;
  }
}

/** Reads all cases in processes of their own and tells what became of each, in the order in which they are done. */
export async function runPool(
  cases: Iterable<FuzzCase>,
  options: PoolOptions,
  onOutcome: (each: FuzzCase, outcome: PoolOutcome) => void | Promise<void>,
): Promise<void> {
  const queue = cases[Symbol.iterator]();
  const drain = async (_: unknown, index: number): Promise<void> => {
    const slot = new Slot(options, index);
    try {
      for (let next = queue.next(); !next.done; next = queue.next())
        await onOutcome(next.value, await slot.run(next.value));
    } finally {
      slot.close();
    }
  };
  await Promise.all(Array.from({ length: options.workers }, drain));
}

import { createRequire } from "node:module";
import { setImmediate as nextTurn } from "node:timers/promises";
import { pathToFileURL } from "node:url";
import { Worker } from "node:worker_threads";
import { GanymedeError } from "@ganymede/core";
import type { ElementArray, PendingEntry } from "@ganymede/core/checkpoint";
import type { CheckpointAnswer, CheckpointTask } from "./checkpoint-worker.js";
import type { CopiedEntry } from "./copied-entry.js";
import type { Files } from "./files.js";
import { diskFiles } from "./files.js";
import type { SaveOptions } from "./run-folder.js";
import { saveCheckpoint } from "./run-folder.js";

/** Writes checkpoints while training continues. */
export interface CheckpointWriter {
  /**
   * Starts a write after the previous one has ended. Values are read while training continues, so they must not change until it has ended.
   * A small state is written immediately.
   *
   * @returns the write in progress; its promise rejects like `saveCheckpoint`.
   * @throws GanymedeError like `saveCheckpoint` if the state is written immediately.
   */
  save(options: SaveOptions): Promise<{ readonly written: Promise<void> }>;
  /** Waits for the write in progress and ends the thread. */
  close(): Promise<void>;
}

/** Options of the checkpoint writer. */
export interface CheckpointWriterOptions {
  /** Bytes from which on a state is written by a thread. Default: 16 MiB; below that, starting the thread takes longer than writing. */
  readonly threadFrom?: number;
}

// The package's built file, also when this module runs from its sources.
const workerFile = (): URL => pathToFileURL(createRequire(import.meta.url).resolve("#checkpoint-worker"));

/** A thread that writes one checkpoint at a time. */
function checkpointThread() {
  const worker = new Worker(workerFile(), { execArgv: [] });
  let waiting: { resolve(answer: CheckpointAnswer): void; reject(error: unknown): void } | undefined;
  let failure: GanymedeError | undefined;
  const fail = (cause: unknown): void => {
    const reason = cause instanceof Error ? cause.message : String(cause);
    failure ??= new GanymedeError(
      "file-system",
      `train: the thread that writes checkpoints must not end, but it did (${reason}); the last checkpoint is intact, run again with \`resume: true\``,
      { cause },
    );
    waiting?.reject(failure);
    waiting = undefined;
  };
  worker.on("message", (answer: CheckpointAnswer) => {
    waiting?.resolve(answer);
    waiting = undefined;
  });
  worker.on("error", fail);
  worker.on("exit", (code) => fail(`exit code ${code}`));
  worker.unref();
  return {
    async write(task: CheckpointTask): Promise<CheckpointAnswer> {
      if (failure !== undefined) throw failure;
      worker.ref();
      try {
        return await new Promise<CheckpointAnswer>((resolve, reject) => {
          waiting = { resolve, reject };
          worker.postMessage(
            task,
            task.entries.map(({ bytes }) => bytes),
          );
        });
      } finally {
        worker.unref();
      }
    },
    close: () => worker.terminate(),
  };
}

const elementBytes = { F32: 4, F64: 8, I32: 4, U8: 1, BOOL: 1 } as const;

const bytesOf = (entries: readonly PendingEntry[]): number =>
  entries.reduce((sum, { shape, dtype }) => sum + shape.reduce((a, b) => a * b, elementBytes[dtype]), 0);

/** Copies every value, reusing the memory of earlier copies. */
async function copied(
  entries: readonly PendingEntry[],
  free: Map<string, ArrayBuffer>,
): Promise<readonly CopiedEntry[]> {
  const copies: CopiedEntry[] = [];
  for (const { read, name, shape, dtype } of entries) {
    // Lets the step in progress continue between two reads.
    await nextTurn();
    const data: ElementArray = await read();
    const before = free.get(name);
    const bytes = before?.byteLength === data.byteLength ? before : new ArrayBuffer(data.byteLength);
    new Uint8Array(bytes).set(new Uint8Array(data.buffer as ArrayBuffer, data.byteOffset, data.byteLength));
    copies.push({ name, shape, dtype, bytes });
  }
  return copies;
}

/**
 * A checkpoint writer for one run. At most one write is in progress. On disk, a large state is checked, summed and written by a separate
 * thread; its copy, as large as the state, is reused for the next checkpoint.
 */
export function checkpointWriter(
  files: Files,
  out: string,
  { threadFrom = 2 ** 24 }: CheckpointWriterOptions = {},
): CheckpointWriter {
  const free = new Map<string, ArrayBuffer>();
  let thread: ReturnType<typeof checkpointThread> | undefined;
  let last: Promise<void> = Promise.resolve();

  const write = async ({ step, config, keep, entries: pending }: SaveOptions): Promise<void> => {
    const entries = await copied(pending, free);
    free.clear();
    thread ??= checkpointThread();
    const answer = await thread.write({ out, step, config, keep, entries });
    for (const { name, bytes } of answer.entries) free.set(name, bytes);
    if (answer.error === undefined) return;
    const { code, message } = answer.error;
    throw code === undefined ? new Error(message) : new GanymedeError(code, message);
  };

  return {
    async save(options) {
      // The caller of the previous write has its error.
      await last.catch(() => undefined);
      if (files !== diskFiles || bytesOf(options.entries) < threadFrom) {
        await saveCheckpoint(files, out, options);
        return { written: Promise.resolve() };
      }
      const written = write(options);
      last = written;
      // It may reject before anyone awaits it.
      written.catch(() => undefined);
      return { written };
    },
    async close() {
      await last.catch(() => undefined);
      await thread?.close();
    },
  };
}

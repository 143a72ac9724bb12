import { createRequire } from "node:module";
import { setImmediate as nextTurn } from "node:timers/promises";
import { pathToFileURL } from "node:url";
import { Worker } from "node:worker_threads";
import type { ElementArray, PendingEntry } from "@ganymede/core";
import { GanymedeError } from "@ganymede/core";
import type { CheckpointAnswer, CheckpointTask } from "./checkpoint-worker.js";
import type { CopiedEntry } from "./copied-entry.js";
import type { Files } from "./files.js";
import { diskFiles } from "./files.js";
import type { SaveOptions } from "./run-folder.js";
import { saveCheckpoint } from "./run-folder.js";

/** Writes checkpoints while training goes on. */
export interface CheckpointWriter {
  /**
   * Begins a write, once the one before is over; values are read while training goes on, so they must stay as they are until it is over. A small
   * state is written at once.
   *
   * @returns a write under way; its promise fails as `saveCheckpoint` does.
   * @throws GanymedeError as `saveCheckpoint` where the state is written at once.
   */
  save(options: SaveOptions): Promise<{ readonly written: Promise<void> }>;
  /** Waits for a write under way, and ends the thread. */
  close(): Promise<void>;
}

/** When a thread writes. */
export interface CheckpointWriterOptions {
  /** Bytes from which on a state is written by a thread of its own. Default: 16 MiB; starting the thread takes longer than writing less. */
  readonly threadFrom?: number;
}

// The package's own built file, also when this module runs from its sources.
const workerFile = (): URL => pathToFileURL(createRequire(import.meta.url).resolve("#checkpoint-worker"));

/** A thread that writes one checkpoint after another. */
function checkpointThread() {
  const worker = new Worker(workerFile(), { execArgv: [] });
  let waiting: { resolve(answer: CheckpointAnswer): void; reject(error: unknown): void } | undefined;
  let failure: GanymedeError | undefined;
  const fail = (cause: unknown): void => {
    const reason = cause instanceof Error ? cause.message : String(cause);
    failure ??= new GanymedeError(
      "file-system",
      `train: the thread that writes checkpoints must not end, but it did (${reason}); the last checkpoint is intact, go on with \`resume: true\``,
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

/** Copies every value; memory of the copies before is used again. */
async function copied(
  entries: readonly PendingEntry[],
  free: Map<string, ArrayBuffer>,
): Promise<readonly CopiedEntry[]> {
  const copies: CopiedEntry[] = [];
  for (const { read, name, shape, dtype } of entries) {
    // Between two reads the step under way may go on.
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
 * A writer for the checkpoints of one run. At most one write is under way. On the disk, a state of some size is checked, summed and written by a
 * thread of its own; the copy that it works on, as large as the state, is kept for the next.
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
      // Whoever asked for the write before has its error.
      await last.catch(() => undefined);
      if (files !== diskFiles || bytesOf(options.entries) < threadFrom) {
        await saveCheckpoint(files, out, options);
        return { written: Promise.resolve() };
      }
      const written = write(options);
      last = written;
      // It may fail while nobody waits for it yet.
      written.catch(() => undefined);
      return { written };
    },
    async close() {
      await last.catch(() => undefined);
      await thread?.close();
    },
  };
}

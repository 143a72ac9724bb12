import { parentPort } from "node:worker_threads";
import type { ErrorCode } from "@ganymede/core";
import { GanymedeError } from "@ganymede/core";
import type { CopiedEntry } from "./copied-entry.js";
import { entryOf } from "./copied-entry.js";
import { diskFiles } from "./files.js";
import type { SaveOptions } from "./run-folder.js";
import { saveCheckpoint } from "./run-folder.js";

/** A checkpoint to write; its arrays are transferred. */
export interface CheckpointTask extends Omit<SaveOptions, "entries"> {
  readonly out: string;
  readonly entries: readonly CopiedEntry[];
}

/** The result, with the arrays transferred back. */
export interface CheckpointAnswer {
  readonly entries: readonly CopiedEntry[];
  /** Without a code if it is not a GanymedeError. */
  readonly error?: { readonly code?: ErrorCode; readonly message: string };
}

function described(error: unknown): NonNullable<CheckpointAnswer["error"]> {
  if (GanymedeError.is(error)) return { code: error.code, message: error.message };
  return { message: error instanceof Error ? (error.stack ?? error.message) : String(error) };
}

parentPort?.on("message", async ({ out, entries, ...options }: CheckpointTask) => {
  const answer = await saveCheckpoint(diskFiles, out, { ...options, entries: entries.map(entryOf) }).then(
    (): CheckpointAnswer => ({ entries }),
    (error: unknown): CheckpointAnswer => ({ entries, error: described(error) }),
  );
  parentPort?.postMessage(
    answer,
    entries.map(({ bytes }) => bytes),
  );
});

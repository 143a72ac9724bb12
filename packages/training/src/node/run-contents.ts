import { readdir, rm, rmdir } from "node:fs/promises";
import { join } from "node:path";

/** Names of the files that a run writes, by subfolder. */
const written = {
  "": /^(config\.json|metrics\.jsonl|metrics\.csv|trackio\.json|trackio-unsent\.jsonl|quick-start\.json|comparison\.json|run\.lock)$/,
  tensorboard: /^events\.out\.tfevents\.\d+\.ganymede\.\d+$/,
  samples: /^step-\d{6,}\.png$/,
  checkpoints: /^(step-\d{6,}\.safetensors|best\.json)$/,
} as const;

/** Leftover of a killed write: file name, process id, `.tmp`. */
const temporary = /^(.+)\.\d+\.tmp$/;

/** Files in a run folder, as relative paths. */
export interface RunContents {
  /** Written by a run. */
  readonly files: readonly string[];
  /** Left by killed writes of a run. */
  readonly temporaries: readonly string[];
  /** Everything else, including folders; never touched. */
  readonly others: readonly string[];
}

async function entriesOf(folder: string): Promise<readonly { readonly name: string; readonly isFile: boolean }[]> {
  try {
    const entries = await readdir(folder, { withFileTypes: true });
    return entries.map((entry) => ({ name: entry.name, isFile: entry.isFile() }));
  } catch (error) {
    const code = (error as NodeJS.ErrnoException).code;
    if (code === "ENOENT" || code === "ENOTDIR") return [];
    throw error;
  }
}

/** Sorts the contents of a run folder, which may not exist, by origin. */
export async function runContents(out: string): Promise<RunContents> {
  const contents = { files: [] as string[], temporaries: [] as string[], others: [] as string[] };
  for (const [inside, pattern] of Object.entries(written)) {
    for (const { name, isFile } of await entriesOf(join(out, inside))) {
      const path = join(inside, name);
      const unfinished = temporary.exec(name)?.[1];
      if (isFile && pattern.test(name)) contents.files.push(path);
      else if (isFile && unfinished !== undefined && pattern.test(unfinished)) contents.temporaries.push(path);
      else if (isFile || !(path in written)) contents.others.push(path);
    }
  }
  return contents;
}

/** Removes the leftovers of killed writes. Call it only while holding the folder's lock, when no other process writes there. */
export async function removeTemporaries(out: string): Promise<void> {
  for (const path of (await runContents(out)).temporaries) await rm(join(out, path), { force: true });
}

/**
 * Removes a run: the files that ganymede wrote, except the lock, which its holder releases, and the configuration, which marks the folder
 * as a run until it is replaced.
 *
 * @returns the files that remain because something else wrote them.
 */
export async function clearRun(out: string): Promise<readonly string[]> {
  const { files, temporaries, others } = await runContents(out);
  const kept = ["run.lock", "config.json"];
  for (const path of [...files, ...temporaries]) {
    if (!kept.includes(path)) await rm(join(out, path), { force: true });
  }
  for (const inside of ["samples", "checkpoints", "tensorboard"]) {
    if (!others.some((path) => path.startsWith(join(inside, "/")))) {
      await rmdir(join(out, inside)).catch((error: NodeJS.ErrnoException) => {
        if (error.code !== "ENOENT" && error.code !== "ENOTEMPTY" && error.code !== "ENOTDIR") throw error;
      });
    }
  }
  return others;
}

import { linkSync, mkdirSync, readFileSync, renameSync, rmdirSync, rmSync, writeFileSync } from "node:fs";
import { hostname } from "node:os";
import { dirname, join } from "node:path";
import { GanymedeError } from "@ganymede/core";
import { writeError } from "./files.js";
import { isSameProcess, processStart } from "./process-identity.js";
import { removeTemporaries } from "./run-contents.js";

/** The process that writes to a run folder. */
interface Holder {
  readonly pid: number;
  readonly host: string;
  /** Tells the process from another with the same id; null where the system does not provide it. */
  readonly started: string | null;
  /** Time of locking. */
  readonly since: string;
}

/** The right to write to a run folder. */
export interface RunLock {
  /** Releases the folder, and removes it if it was created for the run and is still empty. */
  release(): void;
}

const pathOf = (out: string): string => join(out, "run.lock");
const codeOf = (error: unknown): string | undefined => (error as NodeJS.ErrnoException).code;

function ignoring(codes: readonly string[], action: () => void): void {
  try {
    action();
  } catch (error) {
    if (!codes.includes(codeOf(error) ?? "")) throw error;
  }
}

function readLock(path: string): string | null {
  try {
    return readFileSync(path, "utf8");
  } catch (error) {
    if (codeOf(error) === "ENOENT") return null;
    throw error;
  }
}

/** The holder in a lock file; null if the file has other content. */
function parseHolder(text: string): Holder | null {
  try {
    const holder = JSON.parse(text) as Partial<Holder> | null;
    return Number.isSafeInteger(holder?.pid) && typeof holder?.host === "string" ? (holder as Holder) : null;
  } catch {
    return null;
  }
}

/** Creates the lock with its content atomically; false if there is one. */
function create(path: string, text: string): boolean {
  const temporary = `${path}.${process.pid}.tmp`;
  try {
    writeFileSync(temporary, text);
    linkSync(temporary, path);
    return true;
  } catch (error) {
    if (codeOf(error) === "EEXIST") return false;
    if (!["EPERM", "ENOTSUP", "ENOSYS", "EINVAL"].includes(codeOf(error) ?? "")) throw error;
    // The file system has no hard links.
    try {
      writeFileSync(path, text, { flag: "wx" });
      return true;
    } catch (second) {
      if (codeOf(second) === "EEXIST") return false;
      throw second;
    }
  } finally {
    rmSync(temporary, { force: true });
  }
}

/** Removes the lock of a process that has ended. Another process may do the same at once: if the lock has changed meanwhile, it is put back. */
function takeAway(path: string, text: string): void {
  const moved = `${path}.${process.pid}.tmp`;
  ignoring(["ENOENT"], () => {
    renameSync(path, moved);
    if (readFileSync(moved, "utf8") !== text) ignoring(["EEXIST"], () => linkSync(moved, path));
  });
  rmSync(moved, { force: true });
}

/** Why an existing lock is respected; null if its process has ended. */
function refusal(out: string, text: string): GanymedeError | null {
  const path = pathOf(out);
  const rule = `${out}: one command at a time may write to a run folder`;
  const holder = parseHolder(text);
  if (holder === null) {
    return new GanymedeError(
      "file-system",
      `${rule}, and its run.lock does not name a process; if nothing is training there, remove ${path}`,
    );
  }
  const { pid, host, started, since } = holder;
  if (host !== hostname()) {
    return new GanymedeError(
      "file-system",
      `${rule}, and process ${pid} on host "${host}" has held it since ${since}, which cannot be checked from "${hostname()}"; choose another \`out\`, or remove ${path} if that process has ended`,
    );
  }
  if (!isSameProcess(pid, started)) return null;
  return new GanymedeError(
    "file-system",
    `${rule}, and process ${pid} has held it since ${since}; stop it, wait for it to end, or choose another \`out\``,
  );
}

const held = new Set<RunLock>();
let listening = false;

/** Releases the folders also when the process exits abruptly, by a second Ctrl-C or an uncaught error. */
function releaseAll(): void {
  for (const lock of held) lock.release();
}

function hold(out: string, text: string, firstMade: string | undefined): RunLock {
  const lock: RunLock = {
    release() {
      if (!held.delete(lock)) return;
      if (readLock(pathOf(out)) === text) rmSync(pathOf(out), { force: true });
      if (firstMade === undefined) return;
      ignoring(["ENOTEMPTY", "EEXIST", "ENOENT"], () => {
        for (let folder = out; folder.length >= firstMade.length; folder = dirname(folder)) rmdirSync(folder);
      });
    },
  };
  if (!listening) process.once("exit", releaseAll);
  listening = true;
  held.add(lock);
  return lock;
}

/** @throws GanymedeError `file-system` while another command writes to the folder. */
export function expectUnlocked(out: string): void {
  const text = readLock(pathOf(out));
  const refused = text === null ? null : refusal(out, text);
  if (refused !== null) throw refused;
}

/**
 * Locks a run folder for this process, before its first write, and removes the leftovers of killed writes. The lock of a process that has
 * ended on this host is replaced; a lock of another host is respected, because its process cannot be checked from here.
 *
 * @throws GanymedeError `file-system` while another command writes to the folder, or if it is not writable.
 */
export async function lockRun(out: string): Promise<RunLock> {
  const holder: Holder = {
    pid: process.pid,
    host: hostname(),
    started: processStart(process.pid),
    since: new Date().toISOString(),
  };
  const text = `${JSON.stringify(holder)}\n`;
  const path = pathOf(out);
  for (let attempt = 1; ; attempt++) {
    try {
      const created = mkdirSync(out, { recursive: true });
      if (create(path, text)) {
        const lock = hold(out, text, created);
        await removeTemporaries(out);
        return lock;
      }
      // Null if it was just released; but a dangling link exists and cannot be read, however often it is tried.
      const present = readLock(path) ?? (attempt < 100 ? null : "");
      if (present === null) continue;
      const refused = refusal(out, present);
      if (refused !== null) throw refused;
      takeAway(path, present);
    } catch (error) {
      if (GanymedeError.is(error)) throw error;
      // The previous holder may just have removed the empty folder.
      if (codeOf(error) !== "ENOENT" || attempt === 100) throw writeError(path, error);
    }
  }
}

import { linkSync, mkdirSync, readFileSync, renameSync, rmdirSync, rmSync, writeFileSync } from "node:fs";
import { hostname } from "node:os";
import { dirname, join } from "node:path";
import { GanymedeError } from "@ganymede/core";
import { writeError } from "./files.js";
import { isSameProcess, processStart } from "./process-identity.js";
import { removeTemporaries } from "./run-contents.js";

/** Who writes to a run folder. */
interface Holder {
  readonly pid: number;
  readonly host: string;
  /** Tells the process from another one of the same id; null where the system does not say. */
  readonly started: string | null;
  /** When it took the folder. */
  readonly since: string;
}

/** The right to write to a run folder. */
export interface RunLock {
  /** Gives the folder back, and removes it where it was made for the run and is still empty. */
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

/** The holder that a lock names; null for a file of other content. */
function parseHolder(text: string): Holder | null {
  try {
    const holder = JSON.parse(text) as Partial<Holder> | null;
    return Number.isSafeInteger(holder?.pid) && typeof holder?.host === "string" ? (holder as Holder) : null;
  } catch {
    return null;
  }
}

/** Puts the lock there with its content or not at all; false where there is one. */
function create(path: string, text: string): boolean {
  const temporary = `${path}.${process.pid}.tmp`;
  try {
    writeFileSync(temporary, text);
    linkSync(temporary, path);
    return true;
  } catch (error) {
    if (codeOf(error) === "EEXIST") return false;
    if (!["EPERM", "ENOTSUP", "ENOSYS", "EINVAL"].includes(codeOf(error) ?? "")) throw error;
    // A file system without hard links.
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

/** Removes the lock of a process that ended. Another start may do the same: what is no longer that lock is put back. */
function takeAway(path: string, text: string): void {
  const moved = `${path}.${process.pid}.tmp`;
  ignoring(["ENOENT"], () => {
    renameSync(path, moved);
    if (readFileSync(moved, "utf8") !== text) ignoring(["EEXIST"], () => linkSync(moved, path));
  });
  rmSync(moved, { force: true });
}

/** Why a lock that is there is respected; null for one whose process ended. */
function refusal(out: string, text: string): GanymedeError | null {
  const path = pathOf(out);
  const rule = `${out}: one command at a time may write to a run folder`;
  const holder = parseHolder(text);
  if (holder === null) {
    return new GanymedeError(
      "file-system",
      `${rule}, and its run.lock does not say who does; where nothing trains there, remove ${path}`,
    );
  }
  const { pid, host, started, since } = holder;
  if (host !== hostname()) {
    return new GanymedeError(
      "file-system",
      `${rule}, and process ${pid} of host "${host}" has done so since ${since}, which cannot be checked from "${hostname()}"; choose another \`out\`, or where that process ended, remove ${path}`,
    );
  }
  if (!isSameProcess(pid, started)) return null;
  return new GanymedeError(
    "file-system",
    `${rule}, and process ${pid} has done so since ${since}; stop it or wait for its end, or choose another \`out\``,
  );
}

const held = new Set<RunLock>();
let listening = false;

/** A process that is ended on the spot, by a second Ctrl-C or an error that nothing caught, gives its folders back too. */
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
 * Takes a run folder for this process, before its first write, and removes what killed writes left there. The lock of a process that
 * ended on this host is replaced; that of another host is respected, since nobody here can see whether it runs.
 *
 * @throws GanymedeError `file-system` while another command writes to the folder, or where nothing can be written.
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
      // Null where it was released just now; but a link to nothing is there and cannot be read however often it is tried.
      const present = readLock(path) ?? (attempt < 100 ? null : "");
      if (present === null) continue;
      const refused = refusal(out, present);
      if (refused !== null) throw refused;
      takeAway(path, present);
    } catch (error) {
      if (GanymedeError.is(error)) throw error;
      // Whoever had the folder before may have removed it, empty, just now.
      if (codeOf(error) !== "ENOENT" || attempt === 100) throw writeError(path, error);
    }
  }
}

import { execFileSync } from "node:child_process";
import { readFileSync } from "node:fs";

/** State and start of a process from `/proc`; null where there is none, or no such folder. */
function linuxProcess(pid: number): { readonly state: string; readonly started: string } | null {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, "utf8");
    // The name in brackets may hold spaces and brackets itself: fields are counted from the last one.
    const fields = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
    // Ticks since the machine started mean something only together with that start.
    const boot = readFileSync("/proc/sys/kernel/random/boot_id", "utf8").trim();
    return { state: fields[0] as string, started: `${boot} ${fields[19]}` };
  } catch {
    return null;
  }
}

/** When a process began, in words that differ for two processes that had one id in turn; null where the system does not tell. */
export function processStart(pid: number): string | null {
  if (process.platform === "linux") return linuxProcess(pid)?.started ?? null;
  if (process.platform === "win32") return null;
  try {
    const env = { ...process.env, LC_ALL: "C", TZ: "UTC" };
    return execFileSync("ps", ["-o", "lstart=", "-p", String(pid)], { encoding: "utf8", env }).trim() || null;
  } catch {
    return null;
  }
}

/** True while a process runs; one that has ended and waits for its parent to notice does not. */
function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
  } catch (error) {
    // Not ours to signal, but there.
    return (error as NodeJS.ErrnoException).code === "EPERM";
  }
  const state = process.platform === "linux" ? linuxProcess(pid)?.state : undefined;
  return state !== "Z" && state !== "X";
}

/** Whether the process that had this id and began then still runs on this host. */
export function isSameProcess(pid: number, started: string | null): boolean {
  if (!isAlive(pid)) return false;
  const now = processStart(pid);
  return started === null || now === null || started === now;
}

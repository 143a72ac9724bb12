import { execFileSync } from "node:child_process";
import { readFileSync } from "node:fs";

/** State and start time of a process from `/proc`; null if the process or `/proc` does not exist. */
function linuxProcess(pid: number): { readonly state: string; readonly started: string } | null {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, "utf8");
    // The name in brackets may contain spaces and brackets itself, so fields are counted after the last bracket.
    const fields = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
    // Ticks since boot identify a time only together with the boot.
    const boot = readFileSync("/proc/sys/kernel/random/boot_id", "utf8").trim();
    return { state: fields[0] as string, started: `${boot} ${fields[19]}` };
  } catch {
    return null;
  }
}

/** Start time of a process, which tells apart two processes that reuse an id; null where the system does not provide it. */
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

/** True while a process runs; false for a zombie. */
function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
  } catch (error) {
    // It exists, but we may not signal it.
    return (error as NodeJS.ErrnoException).code === "EPERM";
  }
  const state = process.platform === "linux" ? linuxProcess(pid)?.state : undefined;
  return state !== "Z" && state !== "X";
}

/** Whether the process with this id and start time is still running on this host. */
export function isSameProcess(pid: number, started: string | null): boolean {
  if (!isAlive(pid)) return false;
  const now = processStart(pid);
  return started === null || now === null || started === now;
}

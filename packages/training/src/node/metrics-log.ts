import type { MetricsLine } from "../run/metrics-line.js";
import { parseMetrics } from "../run/metrics-line.js";
import type { Files } from "./files.js";
import { readIfThere } from "./files.js";
import { runPaths } from "./run-folder.js";

/** All lines of a run's log; empty if there is no log. */
export async function readMetrics(out: string): Promise<readonly MetricsLine[]> {
  const bytes = await readIfThere(runPaths.metrics(out));
  return bytes === null ? [] : parseMetrics(new TextDecoder().decode(bytes));
}

/** Drops the lines after a step, because a run that resumes there logs them again. */
export async function rewindMetrics(files: Files, out: string, step: number): Promise<void> {
  const lines = (await readMetrics(out)).filter((line) => line.step <= step);
  await files.writeAtomic(runPaths.metrics(out), [lines.map((line) => `${JSON.stringify(line)}\n`).join("")]);
}

/** Appends a line. */
export async function appendMetrics(files: Files, out: string, line: MetricsLine): Promise<void> {
  await files.append(runPaths.metrics(out), `${JSON.stringify(line)}\n`);
}

import { mkdtemp, readdir, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { GraphProfile, Profiler } from "@ganymede/core";
import { GanymedeError } from "@ganymede/core";
import * as tf from "@tensorflow/tfjs-core";

interface ProfileEvent {
  readonly cat: string;
  readonly name: string;
  /** Microseconds. */
  readonly ts: number;
  readonly dur: number;
  readonly args?: { readonly op_name?: string };
}

/**
 * Sums the last run in a profile of the engine by operator type.
 *
 * @param text the JSON file that a session writes when it is released (`onnxBackend().activateProfiled()`).
 * @throws GanymedeError `invalid-data` if the file has no run.
 */
export function summarizeProfile(text: string): GraphProfile {
  const events = JSON.parse(text) as ProfileEvent[];
  const runs = events.filter(({ name }) => name === "model_run").sort((a, b) => b.ts - a.ts);
  const run = runs[0];
  if (run === undefined)
    throw new GanymedeError("invalid-data", "summarizeProfile: the file must contain a run, got none");
  const times = new Map<string, { milliseconds: number; calls: number }>();
  for (const { cat, name, ts, dur, args } of events) {
    const operator = args?.op_name;
    const inside = ts >= run.ts && ts <= run.ts + run.dur;
    if (cat !== "Node" || operator === undefined || !inside || !name.endsWith("_kernel_time")) continue;
    const sum = times.get(operator) ?? { milliseconds: 0, calls: 0 };
    times.set(operator, { milliseconds: sum.milliseconds + dur / 1000, calls: sum.calls + 1 });
  }
  const operators = [...times].map(([operator, time]) => ({ operator, ...time }));
  return {
    runs: runs.length,
    milliseconds: run.dur / 1000,
    operators: operators.sort((a, b) => b.milliseconds - a.milliseconds),
  };
}

/**
 * Starts a backend whose sessions write profiles to a temporary folder.
 *
 * @param backendName name of the backend in TensorFlow.js.
 * @param activate activates the backend with this prefix for its profiles.
 */
export async function startProfiler(
  backendName: string,
  activate: (prefix: string) => Promise<void>,
): Promise<Profiler> {
  const folder = await mkdtemp(join(tmpdir(), "ganymede-profile-"));
  const remove = () => rm(folder, { recursive: true, force: true });
  try {
    await activate(join(folder, "graph"));
  } catch (error) {
    await remove();
    throw error;
  }
  return {
    async finish() {
      try {
        // Releasing the sessions writes the files.
        tf.removeBackend(backendName);
        const names = await readdir(folder);
        const files = await Promise.all(names.map((name) => readFile(join(folder, name), "utf8")));
        const graphs = files.filter((text) => text.includes("model_run")).map(summarizeProfile);
        return graphs.sort((a, b) => b.milliseconds - a.milliseconds);
      } finally {
        await remove();
      }
    },
  };
}

import { GanymedeError } from "@ganymede/core";

/** Time of one operator type in the last run of a graph. */
export interface OperatorTime {
  readonly operator: string;
  readonly milliseconds: number;
  readonly calls: number;
}

export interface RunProfile {
  /** Wall time of the run in milliseconds; operators inside a `Scan` count in their own row and in the Scan's. */
  readonly milliseconds: number;
  /** Longest first. */
  readonly operators: readonly OperatorTime[];
}

interface ProfileEvent {
  readonly cat: string;
  readonly name: string;
  /** Microseconds. */
  readonly ts: number;
  readonly dur: number;
  readonly args?: { readonly op_name?: string };
}

/**
 * Sums the last run in a file of the engine's profiler by operator type.
 *
 * @param text the JSON file that a session writes when it ends (`onnxBackend({ profile })`, then `tf.removeBackend("onnx")`).
 * @throws GanymedeError `invalid-data` where the file holds no run.
 */
export function summarizeProfile(text: string): RunProfile {
  const events = JSON.parse(text) as ProfileEvent[];
  const run = events.filter(({ name }) => name === "model_run").sort((a, b) => b.ts - a.ts)[0];
  if (run === undefined)
    throw new GanymedeError("invalid-data", "summarizeProfile: the file must hold a run, got none");
  const times = new Map<string, { milliseconds: number; calls: number }>();
  for (const { cat, name, ts, dur, args } of events) {
    const operator = args?.op_name;
    const inside = ts >= run.ts && ts <= run.ts + run.dur;
    if (cat !== "Node" || operator === undefined || !inside || !name.endsWith("_kernel_time")) continue;
    const sum = times.get(operator) ?? { milliseconds: 0, calls: 0 };
    times.set(operator, { milliseconds: sum.milliseconds + dur / 1000, calls: sum.calls + 1 });
  }
  const operators = [...times].map(([operator, time]) => ({ operator, ...time }));
  return { milliseconds: run.dur / 1000, operators: operators.sort((a, b) => b.milliseconds - a.milliseconds) };
}

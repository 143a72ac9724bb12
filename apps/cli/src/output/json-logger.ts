import type { Logger } from "@ganymede/core";
import type { Terminal } from "./terminal.js";

/** Copies each line of `metrics.jsonl` to standard output, for `--json`. */
export function jsonLogger(terminal: Terminal): Logger {
  return { scalars: (step, values) => terminal.out(JSON.stringify({ step, ...values })) };
}

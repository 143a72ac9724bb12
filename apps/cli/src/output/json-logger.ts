import type { Logger } from "@ganymede/core";
import type { Terminal } from "./terminal.js";

/** Each line of `metrics.jsonl` to standard output too, for `--json`. */
export function jsonLogger(terminal: Terminal): Logger {
  return { scalars: (step, values) => terminal.out(JSON.stringify({ step, ...values })) };
}

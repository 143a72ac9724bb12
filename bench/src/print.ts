import type { Comparison } from "./rounds.js";

const columns: readonly (readonly [string, (row: Comparison) => string])[] = [
  ["bench", (row) => row.bench],
  ["engine", (row) => row.engine],
  ["against", (row) => row.against],
  ["ratio", (row) => row.ratio.toFixed(3)],
  ["rounds", (row) => String(row.rounds)],
  ["ours ms", (row) => row.ours_ms.toFixed(1)],
  ["theirs ms", (row) => row.theirs_ms.toFixed(1)],
  ["ours MB", (row) => row.ours_mb.toFixed(0)],
  ["theirs MB", (row) => row.theirs_mb.toFixed(0)],
];

/** A table for people. */
export function table(rows: readonly Comparison[]): string {
  const cells = [columns.map(([name]) => name), ...rows.map((row) => columns.map(([, read]) => read(row)))];
  const widths = columns.map((_, i) => Math.max(...cells.map((line) => line[i]!.length)));
  return cells
    .map((line) =>
      line
        .map((cell, i) => cell.padEnd(widths[i]!))
        .join("  ")
        .trimEnd(),
    )
    .join("\n");
}

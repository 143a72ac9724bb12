import { chartSheet, lineChart } from "@ganymede/test";
import { median } from "../rounds.js";
import type { VariantRow } from "./rows.js";
import type { Measurement } from "./settings.js";

type Measured = VariantRow & { readonly answer: Measurement };

/** Where four times the tokens take more than eight times the operations, pairs of tokens are what counts. */
function growsWithPairs(rows: readonly Measured[]): boolean {
  const counts = rows.flatMap(({ answer }) => answer.gigaflops ?? []);
  const [before, last] = counts.slice(-2);
  return before === undefined || last === undefined || last / before > 8;
}

const quantities: readonly (readonly [title: string, unit: string, read: (of: Measurement) => number | null])[] = [
  ["time", "milliseconds", ({ milliseconds }) => median(milliseconds)],
  // Below a megabyte it is the process's own noise.
  ["memory", "megabytes", ({ megabytes }) => Math.max(1, megabytes)],
  ["operations", "GFLOP", ({ gigaflops }) => gigaflops],
];

const groups: readonly (readonly [title: string, holds: (rows: readonly Measured[]) => boolean])[] = [
  ["over tokens, all pairs", (rows) => rows[0]!.role === "self" && growsWithPairs(rows)],
  ["over tokens, fewer pairs", (rows) => rows[0]!.role === "self" && !growsWithPairs(rows)],
  ["over maps", (rows) => rows[0]!.role === "map"],
  ["over a memory, or a set", (rows) => rows[0]!.role === "cross" || rows[0]!.role === "set"],
];

/** Time, memory and operations against tokens, a line of charts for each kind of variant. */
export function charts(rows: readonly VariantRow[], nameOf: (row: VariantRow) => string): string {
  const measured = rows.filter((row): row is Measured => "milliseconds" in row.answer);
  const byName = [...new Set(measured.map(nameOf))].map(
    (name) => [name, measured.filter((row) => nameOf(row) === name)] as const,
  );
  const drawn = groups.flatMap(([group, holds]) => {
    // PyTorch's last: they have no operations, and every other line keeps its color without them.
    const members = byName
      .filter(([, each]) => holds(each))
      .sort(([, a], [, b]) => Number(a[0]!.engine === "pytorch") - Number(b[0]!.engine === "pytorch"));
    return quantities.map(([title, unit, read]) => ({
      title: `${title}, ${group}`,
      x: "tokens",
      y: unit,
      series: members
        .map(([name, each]) => ({
          name,
          points: each.flatMap(({ tokens, answer }) => {
            const value = read(answer);
            return value === null ? [] : [{ x: tokens, y: value }];
          }),
        }))
        .filter(({ points }) => points.length > 0),
    }));
  });
  return chartSheet(
    drawn.filter(({ series }) => series.some(({ points }) => points.length > 0)).map(lineChart),
    quantities.length,
  );
}

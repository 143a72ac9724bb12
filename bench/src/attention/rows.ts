import { median } from "../rounds.js";
import type { Case } from "./cases.js";
import type { Answer, DepthSettings, Limits } from "./settings.js";

/** One variant at one number of tokens. */
export type VariantRow = Case & { readonly tokens: number; readonly answer: Answer };

/** One form of a sequence of blocks at one depth. */
export type DepthRow = Pick<DepthSettings, "form" | "depth" | "tokens"> & { readonly answer: Answer };

/** Three significant digits at most, and no digits behind the point from 100 on. */
const short = (value: number): string => (value >= 100 ? value.toFixed(0) : String(Number(value.toPrecision(2))));

function cellOf(answer: Answer): string {
  if ("reason" in answer) return answer.reason.length < 20 ? answer.reason : "see below";
  const { milliseconds, megabytes, gigaflops } = answer;
  const parts = [short(median(milliseconds)), short(megabytes), gigaflops === null ? "" : short(gigaflops)];
  return parts.filter((part) => part !== "").join(" / ");
}

/** What the measurements below were allowed, in words. */
export function limitsCaption({ rounds, seconds, megabytes, threads }: Limits, limitSeconds: number): string {
  return [
    `Medians of up to ${rounds} runs behind an untimed one, none begun once they took ${seconds} s together; a first run longer than that is`,
    `the only one. ${threads} threads; a process may take ${megabytes} MB and ${limitSeconds} s.`,
  ].join("\n");
}

/** A markdown table whose columns line up. */
function markdown(lines: readonly (readonly string[])[]): string {
  const widths = lines[0]!.map((_, i) => Math.max(3, ...lines.map((line) => line[i]!.length)));
  const write = (cells: readonly string[]) => `| ${cells.map((cell, i) => cell.padEnd(widths[i]!)).join(" | ")} |`;
  const rule = widths.map((width) => "-".repeat(width));
  return [lines[0]!, rule, ...lines.slice(1)].map(write).join("\n");
}

/** Milliseconds / megabytes / GFLOP of every case, a column for each number of tokens, and the long reasons below. */
export function variantTable(rows: readonly VariantRow[], nameOf: (row: VariantRow) => string): string {
  const sizes = [...new Set(rows.map(({ tokens }) => tokens))];
  const names = [...new Set(rows.map(nameOf))];
  const at = (name: string, tokens: number) => rows.find((row) => nameOf(row) === name && row.tokens === tokens);
  const head = ["variant", ...sizes.map((tokens) => tokens.toLocaleString("en-US"))];
  const body = names.map((name) => [
    name,
    ...sizes.map((tokens) => {
      const row = at(name, tokens);
      return row === undefined ? "" : cellOf(row.answer);
    }),
  ]);
  const reasons = rows.flatMap((row) =>
    "reason" in row.answer && cellOf(row.answer) === "see below"
      ? [`- \`${nameOf(row)}\`, ${row.tokens} tokens: ${row.answer.reason}.`]
      : [],
  );
  return [markdown([head, ...body]), ...(reasons.length > 0 ? ["", ...reasons] : [])].join("\n");
}

/** Every form at every number of tokens, a row for each depth. */
export function depthTable(rows: readonly DepthRow[]): string {
  const depths = [...new Set(rows.map(({ depth }) => depth))];
  const nameOf = ({ form, tokens }: DepthRow): string => `${form}, ${tokens.toLocaleString("en-US")} tokens`;
  const names = [...new Set(rows.map(nameOf))];
  const body = depths.map((depth) => [
    String(depth),
    ...names.map((name) => cellOf(rows.find((row) => nameOf(row) === name && row.depth === depth)!.answer)),
  ]);
  return markdown([["blocks", ...names], ...body]);
}

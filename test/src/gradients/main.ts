import { parseArgs } from "node:util";
import { compareBackends, type Row } from "./compare.js";

const { values } = parseArgs({
  options: { json: { type: "boolean", default: false }, backend: { type: "string", multiple: true } },
});
const { rows, absent } = await compareBackends(values.backend);

function cell(row: Row | undefined): string {
  if (row === undefined) return "";
  return row.problem ?? row.errors.map((error) => (error === 0 ? "0" : error.toExponential(0))).join(" ");
}

if (values.json) {
  process.stdout.write(`${JSON.stringify({ rows, absent }, null, 2)}\n`);
} else {
  const backends = [...new Set(rows.map(({ backend }) => backend))];
  const ops = [...new Set(rows.map(({ op }) => op))];
  const lines = ops.map((op) => [
    op,
    ...backends.map((id) => cell(rows.find((row) => row.op === op && row.backend === id))),
  ]);
  const table = [["op", ...backends], ["---", ...backends.map(() => "---")], ...lines];
  process.stdout.write(
    "Worst error against float64, as a share of the largest value: values, gradient, second gradient.\n\n",
  );
  for (const line of table) process.stdout.write(`| ${line.join(" | ")} |\n`);
  for (const [backend, reason] of Object.entries(absent)) process.stdout.write(`\n${backend} is not here: ${reason}\n`);
}

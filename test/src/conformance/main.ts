import { parseArgs } from "node:util";
import { exceptions } from "./exceptions.js";
import { runSpecs } from "./run-specs.js";

const { values } = parseArgs({ options: { json: { type: "boolean", default: false } } });
const { reference, passed, failed } = await runSpecs();
const rows = failed.map(({ name, reason }) => ({
  spec: name,
  exception: exceptions[name] ?? null,
  message: reason.split("\n")[0] ?? "",
}));

if (values.json) {
  process.stdout.write(`${JSON.stringify({ reference, passed, failed: rows }, null, 2)}\n`);
} else {
  const share = ((100 * passed) / reference).toFixed(2);
  const cell = (text: string): string => text.replaceAll("|", "\\|");
  const lines = [
    `${passed} of the ${reference} specs that pass on the reference backend pass on the compiled one (${share} %).`,
    "",
    "| spec | reason |",
    "|---|---|",
    ...rows.map(({ spec, exception, message }) => `| ${cell(spec)} | ${cell(exception ?? `unexpected: ${message}`)} |`),
  ];
  process.stdout.write(`${lines.join("\n")}\n`);
}
process.exitCode = rows.some(({ exception }) => exception === null) ? 1 : 0;

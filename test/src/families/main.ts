import { parseArgs } from "node:util";
import { onnxBackend } from "@ganymede/backend-onnx";
import { type EnduranceOptions, endure } from "./endurance.js";

/** Two presets of each family, at batches that a small machine trains in minutes. */
const cases: readonly Omit<EnduranceOptions, "steps">[] = [
  { preset: "vitgan-tiny", batch: 8 },
  { preset: "vitgan-cifar10", batch: 4 },
  { preset: "sagan-tiny", batch: 8 },
  { preset: "sagan-cifar10", batch: 2 },
  { preset: "transgan-tiny", batch: 8 },
  { preset: "transgan-v1-s", batch: 2 },
  { preset: "gansformer-tiny", batch: 8 },
  { preset: "gansformer-clevr-64", batch: 2 },
  { preset: "skinny-tiny", batch: 8 },
  { preset: "skinny-32", batch: 4 },
];

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: { steps: { type: "string", default: "50" }, json: { type: "boolean", default: false } },
});
const wanted = positionals.length === 0 ? cases : cases.filter(({ preset }) => positionals.includes(preset));
const unknown = positionals.filter((name) => cases.every(({ preset }) => preset !== name));
if (unknown.length > 0) {
  const known = cases.map(({ preset }) => preset).join(", ");
  process.stderr.write(
    `families: the presets must be among ${known}, got ${unknown.join(", ")}; name those, or none for all\n`,
  );
  process.exit(2);
}
await onnxBackend().activate();
let failures = 0;
for (const each of wanted) {
  const result = await endure({ ...each, steps: Number(values.steps) });
  const flat = result.tensors.length === 1;
  if (result.broken !== null || !flat || !result.resumes) failures += 1;
  if (values.json) {
    process.stdout.write(`${JSON.stringify(result)}\n`);
    continue;
  }
  const [early, late] = result.resident.map((megabytes) => megabytes.toFixed(0));
  const line = [
    result.preset.padEnd(20),
    `batch ${result.batch}, ${result.steps} steps in ${result.seconds.toFixed(0)} s:`,
    result.broken === null ? "losses finite," : `NOT finite: ${result.broken},`,
    flat ? `${result.tensors[0]} tensors,` : `tensors GROW: ${result.tensors.join(" ")},`,
    `${early} MB after half, ${late} MB at the end,`,
    result.resumes ? "resume exact" : "resume NOT exact",
  ].join(" ");
  process.stdout.write(`${line}\n`);
}
process.exitCode = failures === 0 ? 0 : 1;

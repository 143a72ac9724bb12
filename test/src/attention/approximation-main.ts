import { mkdirSync, writeFileSync } from "node:fs";
import { dirname, resolve } from "node:path";
import { startBackend } from "../golden/backends.js";
import { errorCurves } from "./approximation.js";
import { lineChart } from "./line-chart.js";

/** Prints how far each approximating attention is from exact attention, and draws it: the first argument names the picture. */
const [file = "docs/images/attention-approximation.svg"] = process.argv.slice(2);

await startBackend("onnx");
const curves = errorCurves();
for (const { id, knob, exact, points } of curves) {
  const row = points.map(({ value, error }) => `${value}: ${error.toFixed(3)}`).join("  ");
  process.stdout.write(`${id.padEnd(10)} error against ${exact}, by ${knob}   ${row}\n`);
}
const picture = lineChart({
  title: "Relative error against exact attention, 256 tokens",
  x: "features, landmarks, rank or rounds",
  y: "error",
  series: curves.map(({ id, knob, points }) => ({
    name: `${id} (${knob})`,
    points: points.map(({ value, error }) => ({ x: value, y: Math.max(error, 1e-4) })),
  })),
});
mkdirSync(dirname(resolve(file)), { recursive: true });
writeFileSync(file, picture);
process.stdout.write(`drawn: ${file}\n`);

import { parseArgs } from "node:util";
import { fillDraw, GanymedeError, key } from "@ganymede/core";
import { tinyPresets } from "../command/tiny-runs.js";
import { torture } from "./torture.js";

const usage = `Kills trainings with kill -9 at random moments, resumes them, and compares each with an undisturbed one, file by file.

Usage: npm run torture -- [options]

  --kills <number>  kills in all, shared by the presets, from 2 to 100,000 (default: 200)
  --seed <number>   when they come, a whole number from 0 (default: 0)
  --json            one JSON object per preset on standard output
  --help            this text
`;

function wholeNumber(name: string, text: string, low: number, high: number): number {
  const value = Number(text);
  if (text.trim() !== "" && Number.isSafeInteger(value) && value >= low && value <= high) return value;
  throw new GanymedeError(
    "invalid-argument",
    `torture: --${name} must be a whole number from ${low} to ${high}, got "${text}"`,
  );
}

/** Numbers in [0, 1), each once, that a seed decides: two for each kill are enough. */
function randomNumbers(seed: number, count: number): () => number {
  const numbers = new Float32Array(count);
  fillDraw(numbers, { kind: "uniform", low: 0, high: 1 }, key(seed));
  let next = 0;
  return () => numbers[next++] as number;
}

async function main(): Promise<number> {
  const { values } = parseArgs({
    options: {
      kills: { type: "string", default: "200" },
      seed: { type: "string", default: "0" },
      json: { type: "boolean", default: false },
      help: { type: "boolean", default: false },
    },
  });
  if (values.help) {
    process.stdout.write(usage);
    return 0;
  }
  const presets = Object.keys(tinyPresets) as (keyof typeof tinyPresets)[];
  const kills = wholeNumber("kills", values.kills, presets.length, 100_000);
  const random = randomNumbers(wholeNumber("seed", values.seed, 0, 2 ** 32 - 1), 2 * kills);
  let failed = false;
  for (const [index, preset] of presets.entries()) {
    const share = Math.floor(((index + 1) * kills) / presets.length) - Math.floor((index * kills) / presets.length);
    const started = Date.now();
    const onKill = (kill: number) => {
      if (kill % 10 === 0) process.stderr.write(`${preset}: ${kill} of ${share} kills\n`);
    };
    const result = await torture({ preset, kills: share, random, onKill });
    const seconds = Math.round((Date.now() - started) / 1000);
    const { duringWrites, beforeSteps, steps, differences } = result;
    const same = differences.length === 0;
    failed ||= !same;
    const words = `${same ? "ok  " : "FAIL"}  ${preset}: ${result.kills} kills, ${duringWrites} during writes, ${beforeSteps} before a step; ${steps} steps, ${same ? "every file as undisturbed" : `others than undisturbed: ${differences.join(", ")}, kept in ${result.folder}`} (${seconds} s)`;
    process.stdout.write(`${values.json ? JSON.stringify({ ...result, seconds }) : words}\n`);
  }
  return failed ? 1 : 0;
}

try {
  process.exitCode = await main();
} catch (error) {
  const ours = GanymedeError.is(error) || (error as { code?: string }).code?.startsWith("ERR_PARSE_ARGS") === true;
  process.stderr.write(`${error instanceof Error ? (ours ? error.message : error.stack) : String(error)}\n`);
  process.exitCode = GanymedeError.is(error) && error.code === "nonconforming" ? 1 : 2;
}

import { existsSync, readdirSync } from "node:fs";
import { join, resolve } from "node:path";
import { GanymedeError } from "@ganymede/core";
import { onlyCompiled, startBackend } from "./backends.js";
import { readGoldenFile } from "./golden-file.js";
import { readOptions, usage } from "./options.js";
import type { GoldenResult } from "./run-file.js";
import { runGoldenFile } from "./run-file.js";

/** Beside the checkout; this file is built to test/dist/golden. */
const defaultFolder = process.env.GANYMEDE_GOLDEN ?? resolve(import.meta.dirname, "../../../../shared/golden");

function filesOf(folder: string): readonly string[] {
  const names = existsSync(folder) ? readdirSync(folder).filter((name) => name.endsWith(".safetensors")) : [];
  if (names.length === 0) {
    throw new GanymedeError(
      "missing-file",
      `golden: "${folder}" must hold .safetensors files, got none; name another folder or set GANYMEDE_GOLDEN`,
    );
  }
  return names.sort();
}

async function run(path: string, name: string, compiled: boolean): Promise<GoldenResult> {
  try {
    return await runGoldenFile(readGoldenFile(path), compiled);
  } catch (error) {
    const worst = { forward: Number.POSITIVE_INFINITY, grad: Number.POSITIVE_INFINITY };
    const detail = error instanceof Error ? error.message : String(error);
    return { file: name, module: "", status: "FAIL", ...worst, detail };
  }
}

/** An error that is no number has no place in JSON; null stands for it. */
function finite(error: number): number | null {
  return Number.isFinite(error) ? error : null;
}

function line(result: GoldenResult, json: boolean): string {
  const { file, module, status, forward, grad, detail } = result;
  if (json) return JSON.stringify({ file, module, status, forward: finite(forward), grad: finite(grad), detail });
  if (status === "unknown") return `unknown module  ${file}  ${module}`;
  const errors = `forward ${forward.toExponential(1)}  grad ${grad.toExponential(1)}`;
  return `${status.padEnd(4)}  ${file}  ${module}  ${errors}${detail === undefined ? "" : `  (${detail})`}`;
}

async function main(args: readonly string[]): Promise<number> {
  const options = readOptions(args, defaultFolder);
  if (options.help) {
    process.stdout.write(usage);
    return 0;
  }
  const names = filesOf(options.folder);
  await startBackend(options.backend);
  let failed = 0;
  for (const name of names) {
    const result = await run(join(options.folder, name), name, onlyCompiled.has(options.backend));
    if (result.status === "FAIL") failed++;
    process.stdout.write(`${line(result, options.json)}\n`);
  }
  return failed > 0 ? 1 : 0;
}

try {
  process.exitCode = await main(process.argv.slice(2));
} catch (error) {
  process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`);
  process.exitCode = GanymedeError.is(error) ? 2 : 1;
}

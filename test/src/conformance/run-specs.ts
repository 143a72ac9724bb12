import { execFile } from "node:child_process";
import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { bundleWorker, jasminePath } from "./bundle.js";
import type { Comparison, SpecReport } from "./compare.js";
import { compare } from "./compare.js";

const execute = promisify(execFile);
const limit = 10 * 60 * 1000;

async function runWorker(worker: string, backend: string, folder: string): Promise<SpecReport[]> {
  const report = join(folder, `${backend}.json`);
  await execute(process.execPath, [worker, backend, report, jasminePath], {
    timeout: limit,
    maxBuffer: 64 * 1024 * 1024,
  });
  return JSON.parse(await readFile(report, "utf8")) as SpecReport[];
}

/** Runs tfjs-core's own specs on the reference backend and on the compiled one, each in a process of its own. */
export async function runSpecs(): Promise<Comparison> {
  const worker = await bundleWorker();
  const folder = await mkdtemp(join(tmpdir(), "ganymede-specs-"));
  try {
    const [reference, tested] = await Promise.all([
      runWorker(worker, "reference", folder),
      runWorker(worker, "onnx", folder),
    ]);
    return compare(reference, tested);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

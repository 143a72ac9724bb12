import { mkdtemp, readdir, readFile, rm } from "node:fs/promises";
import { availableParallelism, tmpdir } from "node:os";
import { join } from "node:path";
import { summarizeProfile } from "@ganymede/backend-onnx";
import * as tf from "@tensorflow/tfjs-core";
import { startIterations } from "./iterations.js";

/** Where one compiled training iteration spends its time, by operator type, from the engine's own profiler. */
export async function profileStep(preset: string, batch: number): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), "ganymede-profile-"));
  try {
    const profile = join(folder, "step");
    const iterate = await startIterations({
      preset,
      batch,
      backend: "onnx",
      gamma: 0.1,
      threads: availableParallelism(),
      profile,
    });
    for (let i = 0; i < 4; i++) await iterate();
    // Ending the sessions is what writes the files.
    tf.removeBackend("onnx");
    const files = await Promise.all((await readdir(folder)).map((name) => readFile(join(folder, name), "utf8")));
    const runs = files.filter((text) => text.includes("model_run")).map(summarizeProfile);
    const { milliseconds, operators } = runs.sort((a, b) => b.milliseconds - a.milliseconds)[0]!;
    const rows = operators
      .slice(0, 20)
      .map(
        ({ operator, milliseconds: ms, calls }) =>
          `${operator.padEnd(18)}${ms.toFixed(1).padStart(10)} ms${String(calls).padStart(8)}`,
      );
    return [`${preset}, batch ${batch}: ${milliseconds.toFixed(0)} ms`, ...rows].join("\n");
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

import { spawnSync } from "node:child_process";
import { availableParallelism } from "node:os";
import { backendOf } from "./iterations.js";
import { findTorchPython } from "./python.js";
import type { Comparison } from "./rounds.js";
import { compare } from "./rounds.js";
import { pytorchStep } from "./step.js";
import type { StepSettings } from "./step-settings.js";
import type { WorkerSide } from "./worker-side.js";
import { nodeSide } from "./worker-side.js";

export interface GpuOptions {
  readonly preset: string;
  readonly batch: number;
  /** Also on a GPU in software, where only numbers make sense and no times. */
  readonly software: boolean;
}

type Log = (text: string) => void;

/** Why a backend is left out, or null. */
async function leftOut(backend: StepSettings["backend"], { software }: GpuOptions): Promise<string | null> {
  const found = backendOf({ backend, threads: 1 });
  const reason = await found.unavailable();
  if (reason !== null) return reason;
  const device = await found.inspect?.();
  return software ? null : (device?.autoSkipReason ?? null);
}

function hasCuda(python: string): boolean {
  return spawnSync(python, ["-c", "import sys, torch; sys.exit(not torch.cuda.is_available())"]).status === 0;
}

const label = ({ backend, precision }: StepSettings): string =>
  precision === "float16" ? `${backend}, float16` : backend;

/**
 * A training iteration of ViTGAN on a GPU: compiled on ONNX Runtime's engines against TensorFlow.js's WebGPU kernels, against PyTorch eager
 * in float32 where it has CUDA, and in mixed precision against float32.
 */
export async function benchGpu(rounds: number, log: Log, options: GpuOptions): Promise<Comparison[]> {
  const base = { preset: options.preset, batch: options.batch, gamma: 0.1, threads: availableParallelism() };
  const rows: Comparison[] = [];
  const python = findTorchPython();
  const cuda = python !== undefined && hasCuda(python);
  if (!cuda)
    log("bench: PyTorch is left out of the GPU bench: no Python was found whose torch sees CUDA; set GANYMEDE_PYTHON");
  const run = async (ours: StepSettings, theirs: WorkerSide): Promise<void> => {
    const side = nodeSide(label(ours), "step-worker.js", ours);
    try {
      rows.push(await compare(`step ${options.preset} batch ${options.batch} on the GPU`, side, theirs, rounds, 2));
    } catch (failure) {
      log(`bench: ${side.name} against ${theirs.name} is left out: ${(failure as Error).message}`);
    } finally {
      side.close();
      theirs.close();
    }
  };
  const eager = await leftOut("webgpu", options);
  if (eager !== null) log(`bench: webgpu is left out: ${eager}`);
  for (const backend of ["onnx-webgpu", "onnx-cuda"] as const) {
    const reason = await leftOut(backend, options);
    if (reason !== null) {
      log(`bench: ${backend} is left out: ${reason}`);
      continue;
    }
    const ours: StepSettings = { ...base, backend };
    if (eager === null) await run(ours, nodeSide("tfjs webgpu", "step-worker.js", { ...base, backend: "webgpu" }));
    if (cuda) await run(ours, pytorchStep(python, { ...ours, device: "cuda" }));
    await run({ ...ours, precision: "float16" }, nodeSide(backend, "step-worker.js", ours));
  }
  return rows;
}

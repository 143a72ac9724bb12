import { spawnSync } from "node:child_process";
import { availableParallelism } from "node:os";
import type { BenchBackend } from "./backend-of.js";
import { backendOf } from "./backend-of.js";
import type { IterationSettings } from "./iteration-settings.js";
import { findPython, ourSide, peerSide } from "./peers.js";
import type { Comparison } from "./rounds.js";
import { compareAll } from "./rounds.js";
import type { WorkerSide } from "./worker-side.js";

export interface GpuOptions {
  readonly preset: string;
  readonly batch: number;
  /** Also on a GPU in software, where only numbers make sense and no times. */
  readonly software: boolean;
}

type Log = (text: string) => void;

/** Why a backend is left out, or null. */
async function leftOut(backend: BenchBackend, { software }: GpuOptions): Promise<string | null> {
  const found = backendOf({ backend, threads: 1 });
  const reason = await found.unavailable();
  if (reason !== null) return reason;
  const device = await found.inspect?.();
  return software ? null : (device?.autoSkipReason ?? null);
}

function hasCuda(python: string): boolean {
  return spawnSync(python, ["-c", "import sys, torch; sys.exit(not torch.cuda.is_available())"]).status === 0;
}

/**
 * A training iteration on a GPU: compiled on ONNX Runtime's engines against TensorFlow.js's WebGPU kernels, against PyTorch with and
 * without torch.compile in float32 where it has CUDA, and mixed precision against float32 and PyTorch's autocast.
 */
export async function benchGpu(rounds: number, log: Log, options: GpuOptions): Promise<Comparison[]> {
  const { preset, batch } = options;
  const base = { preset, batch, threads: availableParallelism(), precision: "float32" } as const;
  const rows: Comparison[] = [];
  const python = findPython("torch");
  const cuda = python !== undefined && hasCuda(python);
  if (!cuda)
    log("bench: PyTorch is left out of the GPU bench: no Python was found whose torch sees CUDA; set GANYMEDE_PYTHON");
  const run = async (ours: IterationSettings, theirs: readonly WorkerSide[]): Promise<void> => {
    const side = ourSide(ours);
    try {
      const name = `${preset}, batch ${batch}, on the GPU`;
      rows.push(...(await compareAll(name, [side], theirs, { rounds, warmUps: 2 }, log)));
    } finally {
      for (const each of [side, ...theirs]) each.close();
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
    const ours: IterationSettings = { ...base, backend };
    const torch = (...modes: Parameters<typeof peerSide>[1][]): WorkerSide[] =>
      cuda ? modes.map((mode) => peerSide(python, mode, ours, "cuda")) : [];
    const tfjs = eager === null ? [ourSide({ ...base, backend: "webgpu" })] : [];
    await run(ours, [...tfjs, ...torch("eager", "compile")]);
    for (const precision of ["float16", "bfloat16"] as const)
      await run({ ...ours, precision }, [ourSide(ours), ...torch("autocast")]);
  }
  return rows;
}

import { availableParallelism } from "node:os";
import { vitganFamily } from "@ganymede/models-vitgan";
import { completeTraining } from "@ganymede/training";
import { pytorchTraining } from "./family-settings.js";
import { backendOf } from "./iterations.js";
import { findTorchPython } from "./python.js";
import type { Comparison } from "./rounds.js";
import { compare } from "./rounds.js";
import type { StepSettings } from "./step-settings.js";
import type { WorkerSide } from "./worker-side.js";
import { nodeSide, pythonSide } from "./worker-side.js";

function ours(settings: StepSettings): WorkerSide {
  return nodeSide(settings.backend, "step-worker.js", settings);
}

/** The same iteration in PyTorch. */
export function pytorchStep(python: string, settings: StepSettings, compile = false): WorkerSide {
  const preset = vitganFamily.presets.find(({ id }) => id === settings.preset)!;
  const { learningRate, betas, ema } = pytorchTraining(completeTraining(preset.training));
  return pythonSide(compile ? "torch.compile" : "pytorch eager", python, "vitgan_step.py", {
    ...preset.model,
    batch: settings.batch,
    gamma: settings.gamma,
    threads: settings.threads,
    device: settings.device ?? "cpu",
    compile,
    learningRate: learningRate.generator,
    betas,
    halfLifeImages: ema.halfLifeImages,
    rampUp: ema.rampUp,
  });
}

/**
 * One full training iteration of ViTGAN: D with R1 and DiffAugment, then G, then the moving average. Against PyTorch eager
 * where Python can import torch, and against tfjs's engines, which run one operation at a time, at the largest batch that each finishes.
 */
export async function benchStep(rounds: number, log: (text: string) => void): Promise<Comparison[]> {
  const settings: StepSettings = {
    preset: "vitgan-cifar10",
    backend: "onnx",
    batch: 32,
    gamma: 0.1,
    threads: availableParallelism(),
  };
  const rows: Comparison[] = [];
  const python = findTorchPython();
  if (python === undefined)
    log("bench: no Python that can import torch was found; set GANYMEDE_PYTHON to compare with PyTorch");
  else {
    for (const compiled of [false, true]) rows.push(...(await againstPyTorch(python, settings, compiled, rounds, log)));
  }
  for (const backend of ["wasm", "tensorflow"] as const) {
    const reason = await backendOf({ ...settings, backend }).unavailable();
    if (reason === null) rows.push(await againstEager(backend, settings, rounds, log));
    else log(`bench: ${backend} is left out: ${reason}`);
  }
  return rows;
}

/** torch.compile needs a C++ compiler, which not every machine has: then the row is left out, with the reason. */
async function againstPyTorch(
  python: string,
  settings: StepSettings,
  compiled: boolean,
  rounds: number,
  log: (text: string) => void,
): Promise<Comparison[]> {
  const sides = [ours(settings), pytorchStep(python, settings, compiled)] as const;
  try {
    return [await compare(`step ${settings.preset} batch ${settings.batch}`, ...sides, rounds, compiled ? 3 : 2)];
  } catch (failure) {
    if (!compiled) throw failure;
    log(`bench: torch.compile does not work here: ${(failure as Error).message}`);
    return [];
  } finally {
    for (const side of sides) side.close();
  }
}

/** An eager iteration may take this long: five rounds of it are enough to wait for. */
const longestMilliseconds = 30_000;

type EagerBackend = Exclude<StepSettings["backend"], "onnx">;

/** An eager backend at the largest batch, by doubling, whose iteration neither fails nor takes more than half a minute. */
async function largest(
  backend: EagerBackend,
  settings: StepSettings,
  log: (text: string) => void,
): Promise<{ side: WorkerSide; batch: number }> {
  let best: { side: WorkerSide; batch: number } | undefined;
  for (let batch = 1; batch <= settings.batch; batch *= 2) {
    const side = ours({ ...settings, backend, batch });
    const ms = await side.time().catch((failure: Error) => {
      log(`bench: ${backend} does not finish batch ${batch}: ${failure.message}`);
      return Number.POSITIVE_INFINITY;
    });
    if (best !== undefined && ms > longestMilliseconds) {
      side.close();
      return best;
    }
    best?.side.close();
    best = { side, batch };
  }
  return best!;
}

async function againstEager(
  backend: EagerBackend,
  settings: StepSettings,
  rounds: number,
  log: (text: string) => void,
): Promise<Comparison> {
  const { side, batch } = await largest(backend, settings, log);
  const compiled = ours({ ...settings, batch });
  const theirs = { ...side, name: backend === "wasm" ? "tfjs wasm" : "tfjs-node" };
  try {
    return await compare(`step ${settings.preset} batch ${batch}`, compiled, theirs, Math.min(rounds, 5), 1);
  } finally {
    compiled.close();
    side.close();
  }
}

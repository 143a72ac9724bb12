import { availableParallelism } from "node:os";
import { vitganFamily } from "@ganymede/models-vitgan";
import { findTorchPython } from "./python.js";
import type { Comparison } from "./rounds.js";
import { compare } from "./rounds.js";
import type { StepSettings } from "./step-settings.js";
import type { WorkerSide } from "./worker-side.js";
import { nodeSide, pythonSide } from "./worker-side.js";

function ours(settings: StepSettings): WorkerSide {
  return nodeSide(settings.backend, "step-worker.js", settings);
}

function pytorch(python: string, settings: StepSettings): WorkerSide {
  const preset = vitganFamily().presets.find(({ id }) => id === settings.preset)!;
  return pythonSide("pytorch eager", python, "vitgan_step.py", {
    ...preset.model,
    batch: settings.batch,
    gamma: settings.gamma,
    threads: settings.threads,
    learningRate: preset.training.learningRate.generator,
    betas: preset.training.betas,
    halfLifeImages: preset.training.average.halfLifeImages,
    rampUp: preset.training.average.rampUp,
  });
}

/**
 * One full training iteration of ViTGAN: D with R1 and DiffAugment, then G, then the moving average. Against PyTorch eager
 * where Python can import torch, and against tfjs's wasm backend at the largest batch that it finishes.
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
    const sides = [ours(settings), pytorch(python, settings)] as const;
    rows.push(await compare(`step ${settings.preset} batch ${settings.batch}`, ...sides, rounds, 2));
    for (const side of sides) side.close();
  }
  rows.push(await againstWasm(settings, log));
  return rows;
}

async function againstWasm(settings: StepSettings, log: (text: string) => void): Promise<Comparison> {
  for (let batch = settings.batch; ; batch /= 2) {
    const theirs = ours({ ...settings, backend: "wasm", batch });
    try {
      await theirs.time();
    } catch (failure) {
      theirs.close();
      log(`bench: wasm does not finish batch ${batch}: ${(failure as Error).message}`);
      if (batch === 1) throw failure;
      continue;
    }
    const compiled = ours({ ...settings, batch });
    // A wasm iteration takes minutes: three rounds show a ratio of twenty well enough.
    const row = await compare(
      `step ${settings.preset} batch ${batch}`,
      compiled,
      { ...theirs, name: "tfjs wasm" },
      3,
      1,
    );
    compiled.close();
    theirs.close();
    return row;
  }
}

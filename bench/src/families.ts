import { availableParallelism } from "node:os";
import type { FamilySettings } from "./family-settings.js";
import { familyCase, pytorchTraining } from "./family-settings.js";
import { findTorchPython } from "./python.js";
import type { Comparison } from "./rounds.js";
import { compare } from "./rounds.js";
import { nodeSide, pythonSide } from "./worker-side.js";

/** What bench/pytorch/family_step.py reads. */
function pytorchConfig(settings: FamilySettings) {
  const { family, model, training } = familyCase(settings);
  const { latentSize, imageShape, discriminatorComparesImages } = family.create(model);
  return {
    ...pytorchTraining(training),
    family: family.id,
    model,
    latentSize,
    imageShape,
    threads: settings.threads,
    comparesImages: discriminatorComparesImages === true,
  };
}

const cases = [
  { preset: "sagan-tiny", batch: 32 },
  { preset: "transgan-tiny", batch: 32 },
  { preset: "gansformer-tiny", batch: 32 },
  { preset: "skinny-tiny", batch: 32 },
] as const;

/** One training iteration of each family's small preset against PyTorch eager, every penalty at every step. */
export async function benchFamilies(rounds: number, log: (text: string) => void): Promise<Comparison[]> {
  const python = findTorchPython();
  if (python === undefined) {
    log("bench: no Python that can import torch was found for the families; set GANYMEDE_PYTHON");
    return [];
  }
  const rows: Comparison[] = [];
  for (const sizes of cases) {
    const settings = { ...sizes, threads: availableParallelism() };
    const sides = [
      nodeSide("onnx", "family-worker.js", settings),
      pythonSide("pytorch eager", python, "family_step.py", pytorchConfig(settings)),
    ] as const;
    try {
      rows.push(await compare(`step ${sizes.preset} batch ${sizes.batch}`, ...sides, rounds, 3));
    } finally {
      for (const side of sides) side.close();
    }
  }
  return rows;
}

import { onnxBackend } from "@ganymede/backend-onnx";
import type { TrainingConfig } from "@ganymede/core";
import { beforeAll, describe, expect, test } from "vitest";
import { endure } from "./endurance.js";

beforeAll(() => onnxBackend().activate());

// `npm run families` does the same for two presets of each family and 50 steps.
describe("each family trains on the compiled engine, and goes on bit for bit", () => {
  test.each<{ preset: string; training?: Partial<TrainingConfig> }>([
    { preset: "sagan-tiny" },
    { preset: "transgan-tiny" },
    { preset: "gansformer-tiny" },
    { preset: "skinny-tiny" },
    {
      preset: "skinny-tiny",
      training: {
        discriminatorTerms: [
          "pixel-logits",
          { id: "cut-mix", weight: { id: "linear", from: 0, to: 1, steps: 2 } },
          { id: "r1", gamma: 0.1, every: 2 },
        ],
        augmentation: "diffaugment",
      },
    },
  ])("%j", async (settings) => {
    const result = await endure({ ...settings, batch: 4, steps: 4 });
    expect(result).toMatchObject({ broken: null, resumes: true });
    expect(result.tensors).toHaveLength(1);
  });
});

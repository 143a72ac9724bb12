import { onnxBackend } from "@ganymede/backend-onnx";
import { beforeAll, describe, expect, test } from "vitest";
import { endure } from "./endurance.js";

beforeAll(() => onnxBackend().activate());

// `npm run families` does the same for two presets of each family and 50 steps.
describe("each family trains on the compiled engine, and goes on bit for bit", () => {
  test.each(["sagan-tiny", "transgan-tiny", "gansformer-tiny", "skinny-tiny"])("%s", async (preset) => {
    const result = await endure({ preset, batch: 4, steps: 4 });
    expect(result).toMatchObject({ broken: null, resumes: true });
    expect(result.tensors).toHaveLength(1);
  });
});

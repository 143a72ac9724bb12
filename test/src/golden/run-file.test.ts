import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { GanymedeError } from "@ganymede/core";
import { encodeSafetensors } from "@ganymede/core/checkpoint";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { startBackend } from "./backends.js";
import { groupError, outputError } from "./errors.js";
import { readGoldenFile } from "./golden-file.js";
import { readOptions } from "./options.js";
import { runGoldenFile } from "./run-file.js";

const folder = mkdtempSync(join(tmpdir(), "golden-"));

beforeAll(() => startBackend("cpu"));
afterAll(() => rmSync(folder, { recursive: true }));

/** LayerNorm of [1, 3] is [-1, 1]; gamma and beta are a fixed 2 and 0.5 here, so the output is [-1.5, 2.5]. */
const right = {
  x: [1, 3],
  w: [0],
  "gamma.weight": [0, 0],
  "gamma.bias": [1, 1],
  "beta.weight": [0, 0],
  "beta.bias": [0.5, 0.5],
  out: [-1.5, 2.5],
  cot: [1, 2],
  "grad.x": [0, 0],
  "grad.gamma.bias": [-1, 2],
};

const shapes: Readonly<Record<string, number[]>> = {
  x: [1, 1, 2],
  w: [1, 1],
  "gamma.weight": [2, 1],
  "beta.weight": [2, 1],
  out: [1, 1, 2],
  cot: [1, 1, 2],
  "grad.x": [1, 1, 2],
};

async function resultOf(changes: Readonly<Record<string, readonly number[] | null>>, module = "vitgan/sln") {
  const entries = Object.entries({ ...right, ...changes }).flatMap(([name, values]) =>
    values === null
      ? []
      : [{ name, dtype: "F32" as const, data: Float32Array.from(values), shape: shapes[name] ?? [values.length] }],
  );
  const metadata = {
    module,
    config: JSON.stringify({ dim: 2, latent_dim: 1, eps: 0, equalized_lr: true }),
    inputs: '["x","w"]',
    outputs: '["out"]',
    gradients: '[{"prefix":"grad.","wrt":"","of":"out","cot":"cot"}]',
    ignore: "[]",
    rtol_forward: "1e-5",
    rtol_grad: "1e-4",
  };
  const path = join(folder, "file.safetensors");
  writeFileSync(path, encodeSafetensors(entries, metadata));
  return runGoldenFile(readGoldenFile(path));
}

describe("a golden file", () => {
  test("passes when everything is right", async () => {
    const { status, forward, grad, detail } = await resultOf({});
    expect([status, detail]).toEqual(["ok", undefined]);
    expect(Math.max(forward, grad)).toBeLessThan(1e-6);
  });

  test.each([
    ["a wrong output", { out: [-1.5, 2.6] }],
    ["a wrong gradient", { "grad.gamma.bias": [-1, 2.1] }],
    ["a wrong weight", { "beta.bias": [0.5, 0.6] }],
    ["an input that is no number", { x: [Number.NaN, 1] }],
    ["a missing weight", { "gamma.weight": null }],
    ["a missing cotangent", { cot: null }],
  ])("fails on %s", async (_, changes) => {
    expect((await resultOf(changes as Record<string, number[] | null>)).status).toBe("FAIL");
  });

  test("of an unknown module is neither right nor wrong", async () => {
    expect((await resultOf({}, "no/such-module")).status).toBe("unknown");
  });

  test("that is damaged is refused by its name", () => {
    const path = join(folder, "damaged.safetensors");
    writeFileSync(path, new Uint8Array(20).fill(255));
    expect(() => readGoldenFile(path)).toThrow(/damaged.safetensors/);
  });
});

test("errors follow their definitions", () => {
  expect(outputError([1, 2.2], [1, 2])).toBeCloseTo(0.1, 9);
  expect(outputError([0.5], [0])).toBe(0.5);
  expect(outputError([Number.NaN], [1])).toBe(Number.POSITIVE_INFINITY);
  expect(outputError([1], [1, 1])).toBe(Number.POSITIVE_INFINITY);
  expect(outputError([1, 3], new Int32Array([1, 2]))).toBe(Number.POSITIVE_INFINITY);
  // The second gradient is rounding noise; a hundredth of the largest in its group is its scale.
  expect(
    groupError([
      { ours: [100], theirs: [100] },
      { ours: [0.02], theirs: [0.01] },
    ]),
  ).toBeCloseTo(0.01, 9);
});

test("arguments are read, and unknown ones refused in one sentence", () => {
  expect(readOptions(["there", "--json"], "here")).toMatchObject({ folder: "there", json: true, backend: "cpu" });
  expect(readOptions([], "here").folder).toBe("here");
  expect(() => readOptions(["--backend", "tpu"], "here")).toThrow(/one of cpu, wasm, onnx, .*, got tpu/);
  expect(() => readOptions(["--jsn"], "here")).toThrow(GanymedeError);
});

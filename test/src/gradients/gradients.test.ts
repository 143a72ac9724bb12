import { beforeAll, describe, expect, it } from "vitest";
import { cases } from "./cases/all.js";
import { type Comparison, compareBackends, engineIds } from "./compare.js";
import { lacking } from "./lacking.js";

/** Largest error against float64, as a share of the largest value. WGSL lets the inverse sine of a GPU be off a little. */
const tolerance: Readonly<Record<string, number>> = {
  cpu: 2e-6,
  wasm: 5e-6,
  onnx: 5e-6,
  webgpu: 5e-5,
  "onnx-webgpu": 5e-5,
  tensorflow: 5e-6,
};

let found: Comparison;
beforeAll(async () => {
  found = await compareBackends();
  for (const [backend, reason] of Object.entries(found.absent)) {
    process.stderr.write(`gradients: ${backend} is skipped: ${reason}\n`);
  }
}, 120_000);

it("no op is listed twice", () => {
  expect(new Set(cases.map(({ op }) => op)).size).toBe(cases.length);
});

it("the reference, the wasm and the compiled engine are always here", () => {
  for (const id of ["cpu", "wasm", "onnx"]) expect(found.absent[id]).toBeUndefined();
});

describe.each(engineIds)("%s", (id) => {
  const rows = () => found.rows.filter(({ backend }) => backend === id);

  it("computes every op and its first and second derivative as float64 does", ({ skip }) => {
    if (found.absent[id] !== undefined) skip(found.absent[id]);
    expect(rows()).toHaveLength(cases.length);
    const bad = rows().filter(({ errors, problem }) => problem === undefined && Math.max(...errors) > tolerance[id]!);
    expect(bad).toEqual([]);
    for (const [i, { errors, problem }] of rows().entries()) {
      if (problem === undefined) expect(errors).toHaveLength(cases[i]!.order + 1);
    }
  });

  it("lacks the kernels that the list names, and no other", ({ skip }) => {
    if (found.absent[id] !== undefined) skip(found.absent[id]);
    const problems = rows().flatMap(({ op, problem }) => (problem === undefined ? [] : [[op, problem]]));
    expect(Object.fromEntries(problems)).toEqual(lacking[id] ?? {});
  });
});

import { describe, expect, it } from "vitest";
import { testCommand } from "../fixtures/test-context.js";
import { operatorsOfIteration } from "./bench.js";

describe("operatorsOfIteration", () => {
  const graph = (runs: number, operator: string, milliseconds: number) => ({
    runs,
    milliseconds,
    operators: [{ operator, milliseconds, calls: 2 }],
  });

  it("sums the graphs of the iteration and leaves out those that ran for the start alone", () => {
    const graphs = [graph(5, "MatMul", 3), graph(5, "MatMul", 4), graph(5, "Add", 9), graph(1, "Add", 100)];
    expect(operatorsOfIteration(graphs, 5)).toEqual([
      { operator: "Add", milliseconds: 9, calls: 2 },
      { operator: "MatMul", milliseconds: 7, calls: 4 },
    ]);
  });
});

describe("ganymede bench", () => {
  it("times iterations and gives them as JSON", async () => {
    const command = await testCommand();
    expect(await command.run("bench", "toy-small", "--backend", "cpu", "--steps", "3", "--json")).toBe(0);
    const result = JSON.parse(command.out[0]!) as Record<string, number>;
    expect(result).toMatchObject({ preset: "toy-small", backend: "cpu" });
    expect(result.fastest_ms).toBeLessThanOrEqual(result.median_ms!);
    expect(result.median_ms).toBeLessThanOrEqual(result.slowest_ms!);
    expect(result.images_per_second).toBeCloseTo((result.batch! * 1000) / result.median_ms!, 6);
  });

  it("refuses to profile an engine without a profiler", async () => {
    const command = await testCommand();
    expect(await command.run("bench", "toy-small", "--backend", "cpu", "--profile")).toBe(5);
    expect(command.notes.join("\n")).toMatch(/--profile: the backend must have a profiler, but "cpu" has none/);
  });
});

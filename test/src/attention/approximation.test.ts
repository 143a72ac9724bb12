import { beforeAll, describe, expect, test } from "vitest";
import { startBackend } from "../golden/backends.js";
import type { ErrorCurve } from "./approximation.js";
import { errorCurves } from "./approximation.js";
import { lineChart } from "./line-chart.js";

describe("approximate attention", () => {
  let curves: ErrorCurve[];

  beforeAll(async () => {
    await startBackend("onnx");
    curves = errorCurves();
  });

  test.each(["performer", "nystrom", "linformer", "lsh"])("%s comes nearer as its knob turns", (id) => {
    const errors = curves.find((curve) => curve.id === id)!.points.map(({ error }) => error);
    expect(errors.every((error) => error > 0 && error < 2)).toBe(true);
    expect(errors.at(-1)).toBeLessThan(0.85 * errors[0]!);
  });
});

test("a chart holds its lines and words", () => {
  const series = [
    {
      name: "a < b",
      points: [
        { x: 1, y: 0.5 },
        { x: 10, y: 0.05 },
      ],
    },
  ];
  const svg = lineChart({ title: "t", x: "x", y: "y", series });
  expect(svg).toContain("a &lt; b");
  expect(svg).toContain("M60.0 60.0L550.0 360.0");
});

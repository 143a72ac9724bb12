import "@tensorflow/tfjs-backend-cpu";
import * as tf from "@tensorflow/tfjs-core";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { convolutionsFor, featureSizes, inceptionTable, logitCount } from "./inception-table.js";
import { resizeBilinear } from "./resize.js";

describe("the Inception table", () => {
  it("has the published number of layers and parameters", () => {
    const all = convolutionsFor(2048);
    expect(all).toHaveLength(94);
    expect(new Set(all.map(({ name }) => name)).size).toBe(94);
    expect(new Set(all.map(({ graphName }) => graphName)).size).toBe(94);
    // Each convolution has no bias of its own, but a scale and a shift of batch norm.
    const trainable = all.reduce(
      (sum, { inputs, outputs, kernel }) => sum + outputs * (inputs * kernel[0] * kernel[1] + 2),
      0,
    );
    expect(trainable).toBe(21_785_568);
    expect(trainable + (2048 + 1) * logitCount).toBe(23_850_960);
  });

  it("names layers as both sources do", () => {
    const names = new Map(convolutionsFor(2048).map(({ graphName, name }) => [graphName, name]));
    expect(names.get("conv_4")).toBe("Conv2d_4a_3x3");
    expect(names.get("mixed_conv")).toBe("Mixed_5b.branch1x1");
    expect(names.get("mixed_3_tower_conv_2")).toBe("Mixed_6a.branch3x3dbl_3");
    expect(names.get("mixed_7_tower_1_conv_4")).toBe("Mixed_6e.branch7x7dbl_5");
    expect(names.get("mixed_8_tower_conv_1")).toBe("Mixed_7a.branch3x3_2");
    expect(names.get("mixed_9_tower_1_conv_3")).toBe("Mixed_7b.branch3x3dbl_3b");
  });

  it("feeds every layer as many channels as the one before gives", () => {
    let width = 3;
    for (const step of inceptionTable) {
      if (step.kind === "tap") expect(step.dims).toBe(width);
      if (step.kind === "convolution") {
        expect(step.inputs).toBe(width);
        width = step.outputs;
      }
      if (step.kind !== "concat") continue;
      const widthOf = (steps: typeof inceptionTable, inputs: number): number =>
        steps.reduce((x, inner) => {
          if (inner.kind === "concat") return inner.branches.reduce((sum, branch) => sum + widthOf(branch, x), 0);
          if (inner.kind !== "convolution") return x;
          expect(inner.inputs).toBe(x);
          return inner.outputs;
        }, inputs);
      width = widthOf([step], width);
    }
    expect(featureSizes.map((dims) => convolutionsFor(dims).length)).toEqual([3, 5, 70, 94]);
  });

  it("keeps both quirks: averages without the padding, and a maximum in the last block", () => {
    const pools = inceptionTable.flatMap((step) =>
      step.kind === "concat"
        ? step.branches.map((branch) => branch[0]).filter((first) => first?.kind.endsWith("pool"))
        : [],
    );
    expect(pools.map((pool) => pool?.kind)).toEqual([
      ...Array(3).fill("average-pool"),
      "max-pool",
      ...Array(4).fill("average-pool"),
      "max-pool",
      "average-pool",
      "max-pool",
    ]);
    const edge = tf.avgPool(tf.ones([1, 3, 3, 1]) as tf.Tensor4D, 3, 1, "same");
    expect([...edge.dataSync()]).toEqual(Array(9).fill(1));
  });
});

describe("resizeBilinear", () => {
  it("is the two-neighbour formula, whatever the sizes", () => {
    const size = fc.integer({ min: 1, max: 7 });
    fc.assert(
      fc.property(
        size,
        size,
        size,
        size,
        fc.constantFrom("half-pixel", "tensorflow-1"),
        (h, w, height, width, sampling) => {
          const values = Float32Array.from({ length: h * w * 2 }, (_, i) => Math.sin(i * 12.9898) * 9);
          const at = (i: number, n: number, m: number): [number, number, number] => {
            const x = sampling === "half-pixel" ? Math.max(0, ((i + 0.5) * n) / m - 0.5) : (i * n) / m;
            return [Math.floor(x), Math.min(Math.floor(x) + 1, n - 1), x - Math.floor(x)];
          };
          const out = resizeBilinear(tf.tensor4d(values, [1, h, w, 2]), height, width, sampling).dataSync();
          for (let i = 0; i < height; i++) {
            for (let j = 0; j < width; j++) {
              const [y0, y1, dy] = at(i, h, height);
              const [x0, x1, dx] = at(j, w, width);
              const pixel = (y: number, x: number): number => values[(y * w + x) * 2 + 1]!;
              const top = pixel(y0, x0) * (1 - dx) + pixel(y0, x1) * dx;
              const bottom = pixel(y1, x0) * (1 - dx) + pixel(y1, x1) * dx;
              expect(out[(i * width + j) * 2 + 1]).toBeCloseTo(top * (1 - dy) + bottom * dy, 4);
            }
          }
        },
      ),
      { numRuns: 40 },
    );
  });
});

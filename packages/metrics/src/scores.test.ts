import "@tensorflow/tfjs-backend-cpu";
import { existsSync } from "node:fs";
import { readFile } from "node:fs/promises";
import { fileURLToPath } from "node:url";
import { fold, key } from "@ganymede/core";
import { type CheckpointTensor, decodeSafetensors } from "@ganymede/core/checkpoint";
import * as tf from "@tensorflow/tfjs-core";
import fc from "fast-check";
import { beforeAll, describe, expect, it } from "vitest";
import { resizeBilinear } from "./extractor/resize.js";
import { normals } from "./fixtures/normals.js";
import { frechetDistance } from "./frechet-distance.js";
import { inceptionScoreOf } from "./inception-score.js";
import { kernelDistance, pickRows, squaredDiscrepancy } from "./kernel-distance.js";
import { numpyRandom } from "./numpy-random.js";
import { densityCoverage, precisionRecall } from "./precision-recall.js";
import { addFeatures, moments, startFeatureStatistics } from "./statistics/feature-statistics.js";

const golden = `${process.env.GANYMEDE_GOLDEN ?? fileURLToPath(new URL("../../../../shared/golden", import.meta.url))}/metrics.safetensors`;

const rows = (seed: number, count: number, dims: number) => ({
  values: Float32Array.from(normals(fold(key(seed), count), count * dims)),
  dims,
});

describe.skipIf(!existsSync(golden))("the stored values of the published code", () => {
  let tensors: ReadonlyMap<string, CheckpointTensor>;
  const data = (name: string): number[] => Array.from(tensors.get(name)!.data);
  const floats = (name: string): Float32Array => tensors.get(name)!.data as Float32Array;
  const features = (name: string) => ({ values: floats(name), dims: 16 });
  const expectClose = (got: readonly number[], name: string): void => {
    const wanted = data(name);
    const largest = Math.max(...wanted.map(Math.abs));
    expect(got).toHaveLength(wanted.length);
    for (const [i, value] of wanted.entries()) expect(Math.abs(got[i]! - value) / largest, name).toBeLessThan(1e-6);
  };

  beforeAll(async () => {
    ({ tensors } = decodeSafetensors(new Uint8Array(await readFile(golden)), golden));
  });

  it("Frechet distance", () => {
    const [first, second] = ["feat1", "feat2"].map((name) => {
      const state = startFeatureStatistics(16);
      addFeatures(state, floats(name));
      return moments(state);
    });
    expectClose([...first!.mean], "mu1");
    expectClose([...first!.covariance], "sigma1");
    expectClose([...second!.covariance], "sigma2");
    expectClose([frechetDistance(first!, second!)], "fid");
  });

  it("kernel distance, with NumPy's subsets", () => {
    const [a, b] = [features("feat1"), features("feat2")];
    const subsets = [0, 1, 2, 3].map((i) => {
      const [s1, s2] = ["kid.subset1", "kid.subset2"].map((name) => data(name).slice(i * 50, (i + 1) * 50));
      return squaredDiscrepancy(pickRows(a, s1!), pickRows(b, s2!));
    });
    expectClose(subsets, "kid.mmd2");
    const { mean } = kernelDistance(a, b, { subsets: 10, subsetSize: 50, seed: 2020 });
    expectClose([mean], "kid.tf_mean_seed2020_10x50");
  });

  it("Inception Score, precision and recall, density and coverage", () => {
    const { mean, deviation } = inceptionScoreOf(floats("is.logits"), 12, { splits: 5, seed: null });
    expectClose([mean], "is.mean_5splits");
    expectClose([deviation], "is.std_5splits");
    const { precision, recall } = precisionRecall(features("feat1"), features("feat2"), 3);
    expectClose([precision], "prc.precision_fake2_real1_k3");
    expectClose([recall], "prc.recall_fake2_real1_k3");
    expectClose(Object.values(densityCoverage(features("feat1"), features("feat2"), 5)), "prdc.k5");
  });

  it("both resizes", () => {
    const x = tf.transpose(tf.tensor4d(floats("resize.x"), [1, 3, 7, 9]), [0, 2, 3, 1]) as tf.Tensor4D;
    const resize = (height: number, width: number, sampling: "half-pixel" | "tensorflow-1"): number[] =>
      Array.from(tf.transpose(resizeBilinear(x, height, width, sampling), [0, 3, 1, 2]).dataSync());
    expectClose(resize(23, 31, "tensorflow-1"), "resize.tf1_23x31");
    expectClose(resize(23, 31, "half-pixel"), "resize.torch_23x31");
    expectClose(resize(4, 5, "tensorflow-1"), "resize.tf1_down_4x5");
  });
});

describe("inceptionScoreOf", () => {
  it("is 1 for constant logits and the number of classes for sure, even ones", () => {
    expect(inceptionScoreOf(new Float32Array(40).fill(3), 4, { splits: 2, seed: null })).toEqual({
      mean: 1,
      deviation: 0,
    });
    const sure = Float32Array.from({ length: 8 * 4 }, (_, i) => (i % 4 === Math.floor(i / 4) % 4 ? 1000 : 0));
    expect(inceptionScoreOf(sure, 4, { splits: 2, seed: null }).mean).toBeCloseTo(4, 12);
  });

  it("stays between 1 and the number of classes, however large the logits", () => {
    fc.assert(
      fc.property(fc.nat(), fc.constantFrom(0.1, 10, 1e4, 1e30), (seed, scale) => {
        const { mean } = inceptionScoreOf(
          rows(seed, 12, 5).values.map((value) => value * scale),
          5,
          { splits: 3, seed: 1 },
        );
        expect(mean).toBeGreaterThanOrEqual(1 - 1e-12);
        expect(mean).toBeLessThanOrEqual(5 + 1e-12);
      }),
    );
  });

  /** Logits of images that the network is sure of, one class each. */
  const sure = (classes: readonly number[], count: number) =>
    Float32Array.from({ length: classes.length * count }, (_, i) =>
      classes[Math.floor(i / count)] === i % count ? 1000 : 0,
    );

  it("does not fall to 1 because a folder is sorted by class", () => {
    const sorted = sure(
      Array.from({ length: 200 }, (_, i) => Math.floor(i / 20)),
      10,
    );
    expect(inceptionScoreOf(sorted, 10, { splits: 10, seed: null }).mean).toBeCloseTo(1, 12);
    expect(inceptionScoreOf(sorted, 10, { splits: 10, seed: 2020 }).mean).toBeGreaterThan(6);
  });

  it("shuffles as NumPy's permutation does, and leaves no image out", () => {
    const count = 11;
    const logits = rows(3, count, 5).values;
    const order = numpyRandom(2020).permutation(count);
    const shuffled = Float32Array.from(logits, (_, i) => logits[(order[Math.floor(i / 5)] as number) * 5 + (i % 5)]!);
    const wanted = inceptionScoreOf(shuffled, 5, { splits: 3, seed: null });
    expect(inceptionScoreOf(logits, 5, { splits: 3, seed: 2020 })).toEqual(wanted);
    // Three splits of 3, 4 and 4 images: the last image counts.
    const other = sure([0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1], 2);
    const { mean } = inceptionScoreOf(other, 2, { splits: 3, seed: null });
    const last = Math.exp(-(0.75 * Math.log(0.75) + 0.25 * Math.log(0.25)));
    expect(mean).toBeCloseTo((1 + 1 + last) / 3, 12);
  });

  it("refuses too few images and NaN", () => {
    expect(() => inceptionScoreOf(new Float32Array(4), 2, { splits: 3, seed: null })).toThrowError(/3 splits/);
    expect(() => inceptionScoreOf(new Float32Array(4).fill(Number.NaN), 2, { splits: 1, seed: null })).toThrowError(
      /finite/,
    );
  });
});

describe("kernel distance, precision and recall", () => {
  it("draws as NumPy's RandomState(2020) does", () => {
    const random = numpyRandom(2020);
    expect([...random.choice(10, 10)]).toEqual([2, 4, 9, 1, 5, 7, 6, 3, 8, 0]);
  });

  it("is about zero between halves of one set and grows with a shift", () => {
    const [a, b] = [rows(1, 200, 8), rows(2, 200, 8)];
    const options = { subsets: 10, subsetSize: 100, seed: 1 };
    expect(Math.abs(kernelDistance(a, b, options).mean)).toBeLessThan(0.05);
    const shifted = { values: b.values.map((value) => value + 1), dims: 8 };
    expect(kernelDistance(a, shifted, options).mean).toBeGreaterThan(1);
    expect(() => kernelDistance(a, b, { ...options, subsetSize: 300 })).toThrowError(/300 rows/);
  });

  it("is 1 for a set with itself and 0 for sets far apart", () => {
    const a = rows(3, 40, 4);
    expect(precisionRecall(a, a)).toEqual({ precision: 1, recall: 1 });
    const far = { values: a.values.map((value) => value + 1000), dims: 4 };
    expect(densityCoverage(a, far)).toEqual({ precision: 0, recall: 0, density: 0, coverage: 0 });
    expect(() => precisionRecall(rows(1, 3, 4), a)).toThrowError(/more than 3/);
  });

  it("covers as the formula says for two samples of one distribution", () => {
    const { density, coverage } = densityCoverage(rows(5, 400, 6), rows(6, 400, 6));
    expect(density).toBeGreaterThan(0.85);
    expect(density).toBeLessThan(1.15);
    expect(coverage).toBeCloseTo(1 - 2 ** -5, 1);
  });
});

import * as tf from "@tensorflow/tfjs-core";
import "@tensorflow/tfjs-backend-cpu";
import type { DiscriminatorTerm, Key, TermInputs } from "@ganymede/core";
import { differentiate, fold, key, normal, uniform } from "@ganymede/core";
import { checkGradients, expectAllClose } from "@ganymede/core/testing";
import fc from "fast-check";
import { beforeAll, describe, expect, test } from "vitest";
import { linearGame, linearGameTraining } from "../../fixtures/linear-game.js";
import { scheduleResolver } from "../../optim/create-schedule.js";
import type { TrainState } from "../../step/train-state.js";
import { createTrainStep } from "../../step/train-step.js";
import { hinge } from "../losses/hinge.js";
import { dragan, perturb } from "./dragan.js";
import { orthogonality } from "./orthogonal.js";
import { normDeviation } from "./squared-norms.js";
import { topKMask } from "./top-k.js";

beforeAll(() => tf.setBackend("cpu"));

const inputs = { schedule: scheduleResolver(), where: "term", model: linearGame } as unknown as TermInputs;
const mean = (values: readonly number[]) => values.reduce((sum, value) => sum + value, 0) / values.length;

describe("dragan", () => {
  /** D(x) = sum of tanh(x v), whose gradient is (1 - tanh^2) v. */
  const judge = (v: tf.Tensor, x: tf.Tensor4D) => tf.sum(tf.tanh(tf.mul(x, v)), [1, 2, 3]) as tf.Tensor1D;
  const apply = (term: DiscriminatorTerm, v: tf.Tensor, images: tf.Tensor4D, at: Key) =>
    term.apply(
      { real: { images }, key: at, progress: {}, judge: (j: { images: tf.Tensor4D }) => judge(v, j.images) } as never,
      {},
    ).value;

  test("follows its formula in float64", () => {
    const images = normal<tf.Rank.R4>(key(1), [2, 2, 1, 2]);
    const v = normal<tf.Rank.R3>(key(2), [2, 1, 2]);
    const [x, weights] = [Array.from(images.dataSync()), Array.from(v.dataSync())];
    const u = Array.from(uniform(fold(key(3), "perturbation"), images.shape).dataSync());
    const middle = mean(x);
    const deviation = Math.sqrt(mean(x.map((value) => (value - middle) ** 2)));
    const gradients = x.map((value, i) => {
      const weight = weights[i % 4]!;
      return (1 - Math.tanh((value + 0.7 * deviation * u[i]!) * weight) ** 2) * weight;
    });
    const norms = [0, 4].map((from) => Math.sqrt(gradients.slice(from, from + 4).reduce((sum, g) => sum + g * g, 0)));
    const expected = 3 * mean(norms.map((norm) => (norm - 2) ** 2));
    const term = dragan({ weight: 3, target: 2, noise: 0.7 }).create(inputs);
    expect(apply(term, v, images, key(3)).dataSync()[0]).toBeCloseTo(expected, 4);
  });

  test("has the derivatives that differences give, in weights and images", async () => {
    const term = dragan().create(inputs);
    const images = normal<tf.Rank.R4>(key(1), [2, 2, 1, 2]);
    const v = normal<tf.Rank.R3>(key(2), [2, 1, 2]);
    await checkGradients(
      (given: { readonly v: tf.Tensor; readonly images: tf.Tensor4D }) => apply(term, given.v, given.images, key(3)),
      { v, images },
      { step: 0.02 },
    );
  });

  test("with noise of 0 it is a gradient penalty at the real images", async () => {
    const images = normal<tf.Rank.R4>(key(1), [2, 2, 1, 2]);
    await expectAllClose(perturb(images, tf.ones([2, 2, 1, 2]), 0), images);
    const v = normal<tf.Rank.R3>(key(2), [2, 1, 2]);
    const { gradient } = differentiate((x) => judge(v, x), images);
    await expectAllClose(
      apply(dragan({ weight: 1, noise: 0 }).create(inputs), v, images, key(3)),
      normDeviation(gradient, 1),
    );
  });
});

describe("orthogonal", () => {
  test("sums squared products of different rows of the shorter side, in float64", () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 4 }),
        fc.integer({ min: 1, max: 4 }),
        fc.nat(1000),
        (rows, columns, seed) => {
          const weight = normal<tf.Rank.R2>(key(seed), [rows, columns]);
          const m = weight.arraySync();
          const lines = rows <= columns ? m : m[0]!.map((_, j) => m.map((row) => row[j]!));
          let expected = 0;
          for (const [i, a] of lines.entries()) {
            for (const [j, b] of lines.entries()) {
              if (i !== j) expected += a.reduce((sum, value, at) => sum + value * b[at]!, 0) ** 2;
            }
          }
          const value = orthogonality({ layer: { weight, bias: tf.ones([columns]) } }).dataSync()[0]!;
          expect(Math.abs(value - expected)).toBeLessThan(1e-4 * (1 + expected));
        },
      ),
      { numRuns: 30 },
    );
  });

  test("reads convolutions as matrices, leaves other parameters alone and has the right derivatives", async () => {
    const params = {
      conv: { weight: normal<tf.Rank.R4>(key(1), [2, 1, 2, 3]) },
      table: normal<tf.Rank.R2>(key(2), [3, 3]),
      norm: { weight: normal<tf.Rank.R1>(key(3), [3]) },
    };
    await expectAllClose(orthogonality(params), orthogonality({ weight: tf.reshape(params.conv.weight, [4, 3]) }));
    await checkGradients((weight: tf.Tensor) => orthogonality({ weight }), params.conv.weight);
    expect(() => orthogonality({ table: params.table })).toThrow(/"orthogonal" needs weights of linear layers/);
  });
});

describe("top-k", () => {
  test("keeps the highest logits, the first of equal ones", () => {
    fc.assert(
      fc.property(
        fc.array(fc.integer({ min: -3, max: 3 }), { minLength: 1, maxLength: 9 }),
        fc.double({ min: 0.05, max: 1, noNaN: true }),
        (logits, share) => {
          const count = Math.max(1, Math.round(Math.fround(Math.fround(share) * logits.length)));
          const order = logits.map((value, at) => ({ value, at })).sort((a, b) => b.value - a.value || a.at - b.at);
          const kept = new Set(order.slice(0, count).map(({ at }) => at));
          const mask = Array.from(topKMask(tf.tensor1d(logits), share).dataSync());
          // A half may be rounded either way.
          if (Math.abs(((share * logits.length) % 1) - 0.5) < 1e-5) return;
          expect(mask).toEqual(logits.map((_, at) => (kept.has(at) ? 1 : 0)));
        },
      ),
    );
  });

  test("makes the loss a mean over what it keeps, and gives the rest no gradient", async () => {
    const loss = hinge().create({});
    const logits = tf.tensor1d([0.5, -1, 2, 0.1]);
    const of = (x: tf.Tensor1D) => loss.generator(tf.tanh(x), undefined, topKMask(logits, tf.scalar(0.5)));
    expect(of(logits).dataSync()[0]).toBeCloseTo(-(Math.tanh(2) + Math.tanh(0.5)) / 2, 6);
    const slope = Array.from(
      tf
        .grad((x) => of(x as tf.Tensor1D))(logits)
        .dataSync(),
    );
    expect([slope[1], slope[3]]).toEqual([0, 0]);
    expect(slope[0]).not.toBe(0);
    await checkGradients(of, logits);
    const several = topKMask(
      tf.tensor2d(
        [
          [0, 4],
          [3, 3],
          [1, 0],
        ],
        [3, 2],
      ),
      1 / 3,
    );
    expect([several.shape, Array.from(several.dataSync())]).toEqual([
      [3, 1],
      [0, 1, 0],
    ]);
  });
});

describe("pseudo-augmentation", () => {
  const term = { id: "pseudo-augmentation", images: 8, every: 1, target: -0.99 };
  const train = createTrainStep(linearGame, { ...linearGameTraining, discriminatorTerms: [term] });
  const real = normal<tf.Rank.R4>(key(1), [4, 2, 2, 3]);
  const withStrength = (strength: number) => {
    const state = train.init(key(2));
    const memory = { strength: tf.scalar(strength), signs: tf.scalar(0), updates: tf.scalar(0) };
    return { ...state, discriminatorTerms: { "pseudo-augmentation": memory } };
  };
  const logitOf = (strength: number, images: tf.Tensor4D) =>
    train.step(withStrength(strength), images, key(3), "/").report["logits/real"]!.dataSync()[0]!;

  test("shows real images at strength 0, and generated ones in their place at strength 1", () => {
    const other = tf.mul(real, 3) as tf.Tensor4D;
    expect(logitOf(0, real)).not.toBeCloseTo(logitOf(0, other), 3);
    expect(logitOf(1, real)).toBeCloseTo(logitOf(1, other), 4);
  });

  test("its strength follows the signs of the logits, like that of ADA", () => {
    let state = train.init(key(2)) as TrainState;
    let strength = 0;
    for (let i = 0; i < 3; i++) {
      const before = state;
      const { state: next, report } = train.step(before as never, real, fold(key(3), i), "/");
      expect(report["pseudo-augmentation/strength"]!.dataSync()[0]).toBeCloseTo(strength, 6);
      const now = (next as TrainState).discriminatorTerms["pseudo-augmentation"] as { strength: tf.Scalar };
      expect([0, 0.5]).toContain(Math.abs(Number((now.strength.dataSync()[0]! - strength).toFixed(6))));
      strength = now.strength.dataSync()[0]!;
      state = next as TrainState;
    }
    expect(strength).toBeGreaterThan(0);
  });
});

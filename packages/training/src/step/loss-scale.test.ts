import * as tf from "@tensorflow/tfjs-core";
import "@tensorflow/tfjs-backend-cpu";
import type { ParamTree, TrainingConfig } from "@ganymede/core";
import { key, leaves, normal } from "@ganymede/core";
import { beforeAll, describe, expect, it } from "vitest";
import { linearGame, linearGameTraining } from "../fixtures/linear-game.js";
import { createIteration } from "./iteration.js";
import { allFinite, guard, nextLossScale, startLossScale } from "./loss-scale.js";
import type { StepResult, TrainState } from "./train-state.js";
import { createTrainStep } from "./train-step.js";

beforeAll(() => tf.setBackend("cpu"));

const numbers = (tree: ParamTree): number[] => leaves(tree).flatMap(({ value }) => [...value.dataSync()]);
const flag = (value: boolean): tf.Scalar => tf.scalar(value, "bool");

describe("the scale of a loss", () => {
  it("is halved after gradients that are not finite, down to 1", () => {
    const halved = nextLossScale({ scale: tf.scalar(8), steady: tf.scalar(5) }, flag(false));
    expect(numbers(halved)).toEqual([4, 0]);
    expect(numbers(nextLossScale({ scale: tf.scalar(1), steady: tf.scalar(5) }, flag(false)))).toEqual([1, 0]);
  });

  it("is doubled after 2,000 updates, up to 2^24", () => {
    const at = (scale: number, steady: number): number[] =>
      numbers(nextLossScale({ scale: tf.scalar(scale), steady: tf.scalar(steady) }, flag(true)));
    expect(at(8, 1998)).toEqual([8, 1999]);
    expect(at(8, 1999)).toEqual([16, 0]);
    expect(at(2 ** 24, 1999)).toEqual([2 ** 24, 0]);
  });

  it.each([Number.NaN, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY])("sees %s", (value) => {
    expect(allFinite({ a: tf.tensor1d([1, 2]), b: tf.tensor1d([3, value]) }).dataSync()[0]).toBe(0);
  });

  it("takes large gradients for finite", () => {
    expect(allFinite({ a: tf.tensor1d([1e30, -1e30]) }).dataSync()[0]).toBe(1);
  });
});

describe("guard", () => {
  const updated = { weights: tf.tensor1d([5, Number.NaN]) };
  const before = { weights: tf.tensor1d([1, 2]), other: tf.scalar(3) };

  it("leaves out an update whose gradients are not finite", () => {
    const { kept, scale } = guard(startLossScale(), { g: tf.scalar(Number.POSITIVE_INFINITY) }, updated, before);
    expect(numbers(kept)).toEqual([1, 2]);
    expect(numbers(scale)).toEqual([32768, 0]);
  });

  it("changes nothing without mixed precision", () => {
    const result = guard({}, { g: tf.scalar(Number.NaN) }, updated, before);
    expect(result).toEqual({ kept: updated, scale: {} });
    expect(result.kept).toBe(updated);
  });
});

describe("a step with a scaled loss", () => {
  const training = { ...linearGameTraining, discriminatorTerms: ["r1"] };
  const step = (config: TrainingConfig, change = (state: TrainState): TrainState => state) => {
    const train = createTrainStep<ParamTree, ParamTree>(linearGame as never, config);
    const state = change(train.init(key(1)));
    const result = train.step(state, { images: normal<tf.Rank.R4>(key(2), [4, 2, 2, 3]) }, key(3), train.phase(0));
    return { before: state, ...(result as StepResult<TrainState>) };
  };

  it("is the step without one where nothing is rounded: the scale is a power of two", () => {
    const [scaled, plain] = [step({ ...training, precision: "float16" }), step(training)];
    const own = ({ generatorScale, discriminatorScale, ...rest }: TrainState): TrainState =>
      rest as unknown as TrainState;
    expect(numbers(own(scaled.state))).toEqual(numbers(own(plain.state)));
    expect(numbers(scaled.report)).toEqual(numbers(plain.report));
    expect(numbers(scaled.state.discriminatorScale)).toEqual([65536, 1]);
  });

  it("is left out where its gradients overflow, each network's by itself", () => {
    const tooLarge = (state: TrainState) => ({
      ...state,
      discriminatorScale: { scale: tf.scalar(2 ** 127), steady: tf.scalar(9) },
    });
    const config = { ...training, precision: "float16" } as const;
    const large = tf.mul(normal<tf.Rank.R4>(key(2), [4, 2, 2, 3]), 1e6) as tf.Tensor4D;
    const train = createTrainStep<ParamTree, ParamTree>(linearGame as never, config);
    const before = tooLarge(train.init(key(1)));
    const { state } = train.step(before, { images: large }, key(3), train.phase(0));
    expect(numbers(state.discriminator)).toEqual(numbers(before.discriminator));
    expect(numbers(state.discriminatorOptimizer)).toEqual(numbers(before.discriminatorOptimizer));
    expect(numbers(state.discriminatorScale)).toEqual([2 ** 126, 0]);
    expect(numbers(state.generator)).not.toEqual(numbers(before.generator));
    expect(numbers(state.step)).toEqual([1]);
  });

  it("is refused by an engine that runs one operation at a time", async () => {
    const train = createTrainStep<ParamTree, ParamTree>(linearGame as never, { ...training, precision: "float16" });
    const images = normal<tf.Rank.R4>(key(2), [4, 2, 2, 3]);
    const iterate = createIteration(train);
    await expect(iterate(train.init(key(1)), () => ({ images }), key(3), 0)).rejects.toThrow(/float16 needs a backend/);
  });
});

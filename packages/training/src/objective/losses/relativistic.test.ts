import * as tf from "@tensorflow/tfjs-core";
import "@tensorflow/tfjs-backend-cpu";
import { beforeAll, expect, test } from "vitest";
import * as losses from "./relativistic.js";

beforeAll(() => tf.setBackend("cpu"));

const [relativistic, relativisticAverage] = [losses.relativistic().create({}), losses.relativisticAverage().create({})];

const real = [0.5, -1, 2];
const fake = [-0.25, 1.5, 0];
const softplus = (x: number) => Math.log1p(Math.exp(x));
const mean = (values: number[]) => values.reduce((sum, value) => sum + value, 0) / values.length;
const value = (scalar: tf.Scalar) => scalar.dataSync()[0];
const [r, f] = [() => tf.tensor1d(real), () => tf.tensor1d(fake)];

test("the pairing loss compares logits of one place", () => {
  expect(value(relativistic.discriminator(r(), f()))).toBeCloseTo(mean(real.map((x, i) => softplus(fake[i]! - x))), 6);
  expect(value(relativistic.generator(f(), r()))).toBeCloseTo(mean(real.map((x, i) => softplus(x - fake[i]!))), 6);
});

test("the average loss compares each logit with the mean of the other side", () => {
  const [meanReal, meanFake] = [mean(real), mean(fake)];
  const up = mean(real.map((x) => softplus(meanFake - x)));
  const down = mean(fake.map((x) => softplus(x - meanReal)));
  expect(value(relativisticAverage.discriminator(r(), f()))).toBeCloseTo(up + down, 6);
  const fool = mean(fake.map((x) => softplus(meanReal - x))) + mean(real.map((x) => softplus(x - meanFake)));
  expect(value(relativisticAverage.generator(f(), r()))).toBeCloseTo(fool, 6);
});

test.each([losses.relativistic, losses.relativisticAverage])("$id refuses a generator without real logits", (loss) => {
  expect(() => loss().create({}).generator(f())).toThrow(/needs the logits of real images/);
});

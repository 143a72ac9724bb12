import * as tf from "@tensorflow/tfjs-core";
import "@tensorflow/tfjs-backend-cpu";
import type { TermInputs } from "@ganymede/core";
import { key, normal } from "@ganymede/core";
import { checkGradients } from "@ganymede/core/testing";
import { beforeAll, expect, test } from "vitest";
import { scheduleResolver } from "../../optim/create-schedule.js";
import { leCam, leCamDistance } from "./le-cam.js";

beforeAll(() => tf.setBackend("cpu"));

const mean = (values: readonly number[]) => values.reduce((sum, value) => sum + value, 0) / values.length;

test("draws logits to the averages of earlier updates of the other side, in float64", () => {
  const term = leCam({ weight: 2, decay: 0.8 }).create({
    schedule: scheduleResolver(),
    where: "t",
  } as unknown as TermInputs);
  let memory = term.init!();
  const sums = { real: 0, fake: 0, total: 0 };
  for (let step = 0; step < 4; step++) {
    const sides = { real: normal<tf.Rank.R1>(key(step), [3]), fake: normal<tf.Rank.R1>(key(10 + step), [3], 1) };
    const result = term.apply({ logits: () => sides, progress: {} } as never, memory);
    const [real, fake] = [Array.from(sides.real.dataSync()), Array.from(sides.fake.dataSync())];
    const [ofReal, ofFake] = [sums.real / sums.total, sums.fake / sums.total];
    const expected =
      step === 0 ? 0 : 2 * (mean(real.map((x) => (x - ofFake) ** 2)) + mean(fake.map((x) => (x - ofReal) ** 2)));
    expect(result.value.dataSync()[0]).toBeCloseTo(expected, 4);
    sums.real = 0.8 * sums.real + 0.2 * mean(real);
    sums.fake = 0.8 * sums.fake + 0.2 * mean(fake);
    sums.total = 0.8 * sums.total + 0.2;
    memory = result.memory!;
  }
});

test("has the derivatives that differences give", async () => {
  const logits = { up: normal<tf.Rank.R2>(key(1), [3, 2]), down: normal<tf.Rank.R2>(key(2), [3, 2]) };
  await checkGradients(
    ({ up, down }) => leCamDistance(tf.tanh(up), tf.tanh(down), tf.scalar(0.3), tf.scalar(-0.2)),
    logits,
  );
});

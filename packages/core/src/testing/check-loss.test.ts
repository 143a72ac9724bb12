import "@tensorflow/tfjs-backend-cpu";
import "../gradients/register-all.js";
import * as tf from "@tensorflow/tfjs-core";
import { beforeAll, describe, expect, test } from "vitest";
import { real, record } from "../config/settings.js";
import type { AdversarialLoss } from "../contracts/loss.js";
import { withoutSettings } from "../fixtures/without-settings.js";
import { checkLoss } from "./check-loss.js";

beforeAll(() => tf.setBackend("cpu"));

describe("checkLoss", () => {
  const down = (x: tf.Tensor) => tf.softplus(tf.neg(x));
  const average = (x: tf.Tensor, weights?: tf.Tensor): tf.Scalar =>
    weights === undefined ? tf.mean(x) : tf.div(tf.sum(tf.mul(x, weights)), tf.sum(tf.mul(tf.onesLike(x), weights)));
  const good: AdversarialLoss = {
    discriminator: (up, fake) => tf.add(tf.mean(down(up)), tf.mean(tf.softplus(fake))),
    generator: (fake, _, weights) => average(down(fake), weights),
  };
  const check = (changes: Partial<AdversarialLoss>) => checkLoss(withoutSettings(() => ({ ...good, ...changes })));

  test("a right loss conforms", () => check({}));

  test.each<[string, Partial<AdversarialLoss>, RegExp]>([
    ["is no scalar", { discriminator: (up) => down(up) as tf.Scalar }, /loss must be a scalar, got shape \[6\]/],
    ["reads values", { generator: (fake) => tf.scalar(fake.dataSync()[0] as number) }, /must not read values/],
    [
      "draws",
      { generator: (fake) => average(tf.add(down(fake), tf.randomNormal(fake.shape))) },
      /must draw from the context's key/,
    ],
    [
      "overflows",
      { generator: (fake, _, weights) => average(tf.neg(tf.log(tf.sigmoid(fake))), weights) },
      /must be finite for logits of size 10000/,
    ],
    ["has its sign wrong for D", { discriminator: (up, fake) => good.discriminator(fake, up) }, /must fall as real/],
    ["forgets the fakes", { discriminator: (up) => tf.mean(down(up)) }, /must rise with fake logits/],
    ["has its sign wrong for G", { generator: (fake) => tf.mean(tf.softplus(fake)) }, /must fall as its logits rise/],
    ["sums", { discriminator: (up, fake) => tf.add(tf.sum(down(up)), tf.sum(tf.softplus(fake))) }, /must be a mean/],
    ["ignores weights", { generator: (fake) => tf.mean(down(fake)) }, /must use the weights/],
    [
      "has a gradient of its own",
      {
        generator: (fake, _, weights) =>
          tf.customGrad((x) => ({
            value: average(down(x as tf.Tensor), weights),
            gradFunc: (dy) => tf.mul(dy, tf.neg(tf.onesLike(x as tf.Tensor))),
          }))(fake) as tf.Scalar,
      },
      /the gradient of order 1 in fake must be/,
    ],
    [
      "leaks",
      {
        discriminator: (up, fake) => {
          tf.keep(tf.scalar(1));
          return good.discriminator(up, fake);
        },
      },
      /it must not leak tensors, got 1/,
    ],
    [
      "throws",
      {
        generator: () => {
          throw new TypeError("no");
        },
      },
      /the generator's loss must not throw, but throws: no/,
    ],
  ])("one that %s does not", async (_, changes, message) => {
    await expect(check(changes)).rejects.toThrow(message);
  });

  test("defaults out of their own range are named", async () => {
    const wrong = {
      ...withoutSettings(() => good),
      defaults: { margin: 0 },
      settings: record({ margin: real({ above: 0 }) }),
    };
    await expect(checkLoss(wrong)).rejects.toThrow(/its defaults must be valid settings, but .*margin must be/);
  });
});

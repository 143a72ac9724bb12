import * as tf from "@tensorflow/tfjs-core";
import "@tensorflow/tfjs-backend-cpu";
import { beforeAll, expect, test } from "vitest";
import { normal } from "../random/draw.js";
import { key } from "../random/key.js";
import { expectAllClose } from "../testing/expect-all-close.js";
import { inference } from "./context.js";
import { mlp } from "./mlp.js";
import type { TokenLayer, TransformerBlockOptions } from "./transformer-block.js";
import { transformerBlock } from "./transformer-block.js";

beforeAll(() => tf.setBackend("cpu"));

/** Every token reads the mean of all. */
const mean: TokenLayer = {
  init: () => ({}),
  apply: (_, x) => tf.add(tf.zerosLike(x), tf.mean(x, 1, true)),
};

const identity: TokenLayer = { init: () => ({}), apply: (_, x) => x };

const x = () => normal<tf.Rank.R3>(key(1), [2, 5, 4]);

const blockOf = (options: Partial<TransformerBlockOptions>) =>
  transformerBlock({ width: 4, hidden: 6, attention: mean, ...options });

test("tokens that are kept are those of the whole block", async () => {
  const [whole, first] = [blockOf({}), blockOf({ keep: 1 })];
  const params = whole.init(key(2));
  const expected = tf.slice3d(whole.apply(params, x(), inference), [0, 0, 0], [2, 1, 4]);
  const kept = first.apply(params, x(), inference);
  expect(kept.shape).toEqual([2, 1, 4]);
  await expectAllClose(kept, expected, { absolute: 1e-6 });
});

test("without norms and with an MLP of zeros it is gain^2 (x + attention(x))", async () => {
  const block = blockOf({ norm: () => identity, gain: Math.SQRT1_2 });
  const params = block.init(key(2));
  const contract = { weight: tf.zeros<tf.Rank.R2>([6, 4]) };
  const y = block.apply({ ...params, mlp: { ...params.mlp, contract } }, x(), inference);
  await expectAllClose(y, tf.mul(tf.add(x(), tf.mean(x(), 1, true)), 0.5), { absolute: 1e-6 });
});

test("with windows, attention and its norm see one window, and the MLP's norm sees all tokens", async () => {
  const centred: TokenLayer = { init: () => ({}), apply: (_, y) => tf.sub(y, tf.mean(y, 1, true)) };
  const block = blockOf({ attention: identity, norm: () => centred, window: 2 });
  const params = block.init(key(2));
  const tokens = normal<tf.Rank.R3>(key(1), [2, 6, 4]);
  const windows = tf.reshape<tf.Rank.R3>(tokens, [6, 2, 4]);
  const mixed = tf.add<tf.Tensor3D>(tokens, tf.reshape(centred.apply({}, windows, inference), [2, 6, 4]));
  const forward = mlp({ width: 4, hidden: 6 }).apply(params.mlp, centred.apply({}, mixed, inference), inference);
  await expectAllClose(block.apply(params, tokens, inference), tf.add(mixed, forward), { absolute: 1e-6 });
});

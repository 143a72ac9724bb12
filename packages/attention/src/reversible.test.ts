import type { ParamTree } from "@ganymede/core";
import { defineLayer, fold, inference, key, leaves, normal, training } from "@ganymede/core";
import { linear } from "@ganymede/core/nn";
import { checkGradients, expectAllClose, expectNoLeaks } from "@ganymede/core/testing";
import * as tf from "@tensorflow/tfjs-core";
import "@tensorflow/tfjs-backend-cpu";
import { beforeAll, expect, test } from "vitest";
import { dotProduct } from "./dot-product.js";
import type { HalfInput, ReversibleInput } from "./reversible.js";
import { reversible } from "./reversible.js";

beforeAll(() => tf.setBackend("cpu"));

const width = 4;
const attention = dotProduct().create({ channels: width, heads: 2 });
const map = linear({ inputs: width, outputs: width });

/** Attention, and a linear map with a tanh that a shared style scales. */
const block = {
  f: defineLayer({
    init: attention.init,
    apply: (params: ReturnType<typeof attention.init>, { x }: HalfInput) => attention.apply(params, x, inference),
  }),
  g: defineLayer({
    init: map.init,
    apply: (params: ReturnType<typeof map.init>, { x, shared: [style] }: HalfInput) => {
      const y = tf.tanh(map.apply(params, x, inference)) as tf.Tensor3D;
      return style === undefined ? y : (tf.mul(y, style) as tf.Tensor3D);
    },
  }),
};

const layerOf = (depth: number) => reversible(Array.from({ length: depth }, () => block));

/** The same blocks without any trick. */
function ordinary(
  params: ReturnType<ReturnType<typeof layerOf>["init"]>,
  { x, shared = [] }: ReversibleInput,
): tf.Tensor3D {
  let [a, b] = tf.split(x, 2, 2) as [tf.Tensor3D, tf.Tensor3D];
  for (const { f, g } of params) {
    a = tf.add(a, block.f.apply(f, { x: b, shared }, inference));
    b = tf.add(b, block.g.apply(g, { x: a, shared }, inference));
  }
  return tf.concat([a, b], 2);
}

const inputOf = () => ({ x: normal<tf.Rank.R3>(key(1), [2, 5, 2 * width]), shared: [normal(key(2), [2, 1, width])] });

test("values and gradients are the ordinary block's, of weights, input and what is shared", async () => {
  const layer = layerOf(3);
  const params = layer.init(key(3));
  const { x, shared } = inputOf();
  const weights = normal(key(4), x.shape);
  const flat = [x, ...shared, ...leaves(params as ParamTree).map(({ value }) => value)];
  const gradients = (run: typeof ordinary) =>
    tf.engine().gradients(() => tf.sum(tf.mul(run(params, { x, shared }), weights)), flat).grads;
  await expectAllClose(layer.apply(params, { x, shared }, inference), ordinary(params, { x, shared }), {
    relative: 1e-6,
  });
  const [ours, theirs] = [gradients((values, input) => layer.apply(values, input, inference)), gradients(ordinary)];
  for (const [i, gradient] of ours.entries()) {
    const largest = Math.max(...theirs[i]!.dataSync().map(Math.abs), 1e-3);
    await expectAllClose(gradient, theirs[i]!, { relative: 0, absolute: 1e-4 * largest });
  }
});

test("derivatives agree with differences", () =>
  checkGradients(
    (tree) => layerOf(2).apply(tree.params as never, { x: tree.x as tf.Tensor3D }, inference),
    { params: layerOf(2).init(key(5)), x: inputOf().x },
    { order: 1 },
  ));

test("a gradient penalty is refused with the reason", () => {
  const layer = layerOf(1);
  const params = layer.init(key(6));
  const inner = (x: tf.Tensor) => tf.sum(layer.apply(params, { x: x as tf.Tensor3D }, inference)) as tf.Scalar;
  const penalty = (x: tf.Tensor) => tf.sum(tf.square(tf.grad(inner)(x))) as tf.Scalar;
  expect(() => tf.grad(penalty)(inputOf().x)).toThrow(/reversible: only first derivatives exist/);
  expect(layer.differentiable).toBe("once");
});

test("what is kept for the backward pass does not grow with the depth", () => {
  const { x } = inputOf();
  const kept = (depth: number, run: (params: never, input: ReversibleInput) => tf.Tensor3D) => {
    const params = layerOf(depth).init(key(7)) as never;
    let inside = 0;
    tf.tidy(() => {
      tf.engine().gradients(() => {
        const before = tf.memory().numTensors;
        const y = tf.sum(run(params, { x }));
        inside = tf.memory().numDataBuffers - before;
        return y;
      }, [x]);
    });
    return inside;
  };
  const reversed = (params: never, input: ReversibleInput) =>
    layerOf((params as never[]).length).apply(params, input, inference);
  expect(kept(8, reversed)).toBe(kept(2, reversed));
  expect(kept(8, ordinary as never)).toBeGreaterThan(3 * kept(2, ordinary as never));
});

test("draws repeat in the second pass, and nothing leaks", async () => {
  const noisy = defineLayer({
    init: () => ({ strength: tf.scalar(0.3) }),
    apply: (params: { strength: tf.Scalar }, { x }: HalfInput, context) =>
      (context.mode === "training"
        ? tf.mul(tf.sin(x), tf.mul(normal(fold(context.key, "noise"), x.shape), params.strength))
        : tf.sin(x)) as tf.Tensor3D,
  });
  const layer = reversible([
    { f: noisy, g: noisy },
    { f: noisy, g: noisy },
  ]);
  const params = layer.init(key(8));
  const { x } = inputOf();
  const context = training(key(9));
  await checkGradients((tree) => layer.apply(params, { x: tree.x }, context), { x }, { order: 1 });
  await expectNoLeaks(() => {
    tf.tidy(() => {
      tf.grad((input) => layer.apply(params, { x: input as tf.Tensor3D }, context))(x);
    });
  });
});

import type { HalfInput } from "@ganymede/attention";
import { dotProduct, reversible } from "@ganymede/attention";
import { onnxBackend } from "@ganymede/backend-onnx";
import type { ParamTree } from "@ganymede/core";
import { compile, defineLayer, disposeTree, inference, key, normal, valueAndGrad } from "@ganymede/core";
import * as tf from "@tensorflow/tfjs-core";
import { beforeAll, expect, test } from "vitest";

beforeAll(() => onnxBackend({ threads: 1 }).activate());

// 16 MB of weights of attention a block, next to which all else is small.
const attention = dotProduct().create({ channels: 16, heads: 4 });
const half = defineLayer({
  init: attention.init,
  apply: (params: ReturnType<typeof attention.init>, { x }: HalfInput) => attention.apply(params, x, inference),
});
type Params = readonly {
  readonly f: ReturnType<typeof attention.init>;
  readonly g: ReturnType<typeof attention.init>;
}[];
const layerOf = (depth: number) => reversible(Array.from({ length: depth }, () => ({ f: half, g: half })));

function ordinary(params: Params, x: tf.Tensor3D): tf.Tensor {
  let [a, b] = tf.split(x, 2, 2) as [tf.Tensor3D, tf.Tensor3D];
  for (const { f, g } of params) {
    a = tf.add(a, attention.apply(f, b, inference));
    b = tf.add(b, attention.apply(g, a, inference));
  }
  return tf.concat([a, b], 2);
}

/** By how many megabytes the process's peak grows over a compiled forward and backward pass. */
async function growth(depth: number, run: (params: Params, x: tf.Tensor3D) => tf.Tensor): Promise<number> {
  const before = process.resourceUsage().maxRSS / 1024;
  const tree = { params: layerOf(depth).init(key(0)) as ParamTree, x: normal<tf.Rank.R3>(key(1), [1, 1024, 32]) };
  const gradients = compile(
    (all: typeof tree): ParamTree =>
      valueAndGrad(({ params, x }: typeof tree) => {
        const y = run(params as unknown as Params, x);
        return { value: tf.sum(tf.square(y)) as tf.Scalar, extra: [] };
      }, all).grads,
  );
  disposeTree(await gradients(tree));
  disposeTree(tree);
  return process.resourceUsage().maxRSS / 1024 - before;
}

test("compiled, activations of reversible blocks take the same memory at any depth, those of ordinary blocks do not", async () => {
  const reversed = (params: Params, x: tf.Tensor3D) => layerOf(params.length).apply(params, { x }, inference);
  // 16 layers of attention: 256 MB where all are kept.
  expect(await growth(8, reversed)).toBeLessThan(160);
  expect(await growth(8, ordinary)).toBeGreaterThan(230);
});

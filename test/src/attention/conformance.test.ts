import { attention } from "@ganymede/attention";
import type { ParamTree } from "@ganymede/core";
import { inference, key, leaves, normal } from "@ganymede/core";
import { checkAttention, expectAllClose } from "@ganymede/core/testing";
import * as tf from "@tensorflow/tfjs-core";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { startBackend } from "../golden/backends.js";
import { conformances } from "./conformance.js";

const variants = attention().attentions ?? [];

test("every variant of the plugin is checked", () => {
  expect(Object.keys(conformances).sort()).toEqual(variants.map(({ id }) => id).sort());
});

afterAll(() => startBackend("cpu"));

/** The second derivative of the output's squares along a direction: every backward kernel of the variant, twice. */
function curvature(id: string): () => tf.Tensor[] {
  const { variant, check } = conformances[id]!;
  const { channels = 8, memoryChannels = channels, tokens = 6, grid } = check;
  const layer = variant.create({ channels, heads: 2, memoryChannels, ...(grid === undefined ? {} : { grid }) });
  const shape =
    variant.role === "map" ? [2, ...grid!, channels] : [2, grid === undefined ? tokens : grid[0] * grid[1], channels];
  return () => {
    const params = layer.init(key(1)) as ParamTree;
    const [x, memory] = [normal(key(2), shape as never), normal(key(3), [2, 5, memoryChannels])];
    const direction = normal(key(4), shape as never);
    const run = (input: tf.Tensor) =>
      tf.sum(
        tf.square(
          layer.apply(params as never, (variant.role === "cross" ? { x: input, memory } : input) as never, inference),
        ),
      );
    const slope = () => tf.sum(tf.mul(tf.grad(run)(x), direction)) as tf.Scalar;
    const sources = [x, ...leaves(params).map(({ value }) => value)];
    // Both orders in one pass: the slope and what it depends on.
    const { value, grads } = tf.engine().gradients(slope, sources, undefined as never, true);
    return [value, ...grads.map((grad, i) => grad ?? tf.zerosLike(sources[i]!))];
  };
}

const gradients = async (id: string) =>
  Promise.all(tf.tidy(curvature(id)).map((tensor) => tensor.data() as Promise<Float32Array>));

describe.each(Object.keys(conformances))("%s", (id) => {
  const { variant, check } = conformances[id]!;
  let reference: Float32Array[];

  beforeAll(async () => {
    await startBackend("cpu");
    reference = await gradients(id);
  });

  // Differences of every weight belong to the variants' own tests; here engines must agree with the reference in both orders.
  test.each(["onnx", "wasm"])("on %s", async (backend) => {
    await startBackend(backend);
    await checkAttention(variant, { ...check, order: 0 });
    const largest = Math.max(...reference.map((value) => Math.max(...value.map(Math.abs))));
    for (const [i, value] of (await gradients(id)).entries()) {
      const close = { relative: 1e-3, absolute: 2e-4 * largest };
      await expectAllClose(value, reference[i]!, close, `${id} on ${backend}, gradient ${i}`);
    }
  });
});

import "@tensorflow/tfjs-backend-cpu";
import * as tf from "@tensorflow/tfjs-core";
import fc from "fast-check";
import { beforeAll, expect, it } from "vitest";
import { repeatAndPadAxisByAxis } from "./axis-by-axis.js";
import { allowHighRanks } from "./high-ranks.js";

const seen: number[] = [];

/** A second registration of the reference engine, with merged axes, which says how many it was given. */
beforeAll(async () => {
  const factory = tf.findBackendFactory("cpu");
  tf.registerBackend("merged", factory as () => tf.KernelBackend);
  for (const kernel of tf.getKernelsForBackend("cpu")) {
    const kernelFunc: tf.KernelFunc = (params) => {
      seen.push(...Object.values(params.inputs).map((x) => (x as tf.TensorInfo).shape.length));
      return kernel.kernelFunc(params);
    };
    tf.registerKernel({ ...kernel, backendName: "merged", kernelFunc });
  }
  allowHighRanks("merged");
  repeatAndPadAxisByAxis("merged");
});

const sizes = fc.array(fc.integer({ min: 1, max: 3 }), { minLength: 7, maxLength: 8 });
const masks = fc.array(fc.boolean(), { minLength: 8, maxLength: 8 });

/** The same op on both registrations. */
async function compare(op: () => tf.Tensor): Promise<void> {
  const results = [];
  for (const name of ["cpu", "merged"]) {
    await tf.setBackend(name);
    const y = op();
    results.push({ shape: y.shape, dtype: y.dtype, values: await y.data() });
    y.dispose();
  }
  expect(results[1]).toEqual(results[0]);
}

const numbers = (shape: number[]) => tf.reshape(tf.range(0, tf.util.sizeFromShape(shape)), shape);

it("elementwise, with axes that are stretched", async () => {
  await fc.assert(
    fc.asyncProperty(sizes, masks, masks, async (shape, left, right) => {
      const cut = (mask: boolean[]) => shape.map((size, axis) => (mask[axis] ? 1 : size));
      await compare(() => tf.tidy(() => tf.sub(tf.sin(numbers(cut(left))), numbers(cut(right)))));
      await compare(() => tf.tidy(() => tf.less(numbers(cut(left)), numbers(cut(right)))));
    }),
    { numRuns: 30 },
  );
});

it("reductions and permutations", async () => {
  await fc.assert(
    fc.asyncProperty(
      sizes,
      masks,
      fc.boolean(),
      fc.infiniteStream(fc.double({ noNaN: true })),
      async (shape, mask, keep, order) => {
        const axes = shape.map((_, axis) => axis);
        const perm = axes
          .map((axis) => ({ axis, at: order.next().value! }))
          .sort((a, b) => a.at - b.at || a.axis - b.axis);
        await compare(() =>
          tf.tidy(() =>
            tf.sum(
              numbers(shape),
              axes.filter((axis) => mask[axis]),
              keep,
            ),
          ),
        );
        await compare(() =>
          tf.tidy(() =>
            tf.transpose(
              numbers(shape),
              perm.map(({ axis }) => axis),
            ),
          ),
        );
      },
    ),
    { numRuns: 30 },
  );
});

it("repetition and padding", async () => {
  await fc.assert(
    fc.asyncProperty(sizes, masks, async (shape, mask) => {
      await compare(() =>
        tf.tidy(() =>
          tf.pad(
            numbers(shape.slice(0, 6)),
            shape.slice(0, 6).map((_, axis) => (mask[axis] ? [1, 2] : [0, 0])),
            7,
          ),
        ),
      );
      await compare(() =>
        tf.tidy(() =>
          tf.tile(
            numbers(shape),
            shape.map((_, axis) => (mask[axis] ? 2 : 1)),
          ),
        ),
      );
    }),
    { numRuns: 20 },
  );
});

it("hands over fewer axes", async () => {
  await tf.setBackend("merged");
  const x = numbers([2, 1, 2, 1, 2, 1, 2, 1]);
  seen.length = 0;
  tf.mul(x, tf.ones([1, 2, 1, 2, 1, 2, 1, 2]));
  tf.sum(numbers([2, 2, 2, 2, 2, 2, 1, 1]), [0, 1]);
  tf.exp(x);
  const ranks = seen.filter((rank) => rank > 0);
  expect(ranks.at(-1)).toBe(1);
  expect(ranks).toContain(2);
});

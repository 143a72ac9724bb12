import type { Backend } from "@ganymede/core";
import { compile } from "@ganymede/core";
import * as tf from "@tensorflow/tfjs-core";

/** Speed of a backend on this machine, the best of a few short runs. */
export interface Speed {
  /** Billions of floating-point operations (multiplications and additions) per second, in a product of square matrices. */
  readonly gflops: number;
  /** Billions of bytes per second, read and written, in a sum of two long vectors. */
  readonly gigabytes: number;
}

/** Shortest run that is measured, in milliseconds. */
const longEnough = 40;
const sides = [64, 128, 256, 512, 1024, 2048, 4096, 8192];
const lengths = [2 ** 16, 2 ** 18, 2 ** 20, 2 ** 22, 2 ** 24, 2 ** 25];
const repeats = 3;

type Pair = (a: tf.Tensor, b: tf.Tensor) => { readonly y: tf.Tensor };

async function bestMilliseconds(fn: Pair, make: () => tf.Tensor): Promise<number> {
  const run = compile(fn);
  const [a, b] = [make(), make()];
  let best = Number.POSITIVE_INFINITY;
  for (let i = 0; i <= repeats; i++) {
    const start = performance.now();
    const { y } = await run(a, b);
    await tf
      .slice(
        y,
        y.shape.map(() => 0),
        y.shape.map(() => 1),
      )
      .data();
    // The first run compiles and warms up.
    if (i > 0) best = Math.min(best, performance.now() - start);
    y.dispose();
  }
  tf.dispose([a, b]);
  return best;
}

/** The rate at the smallest size whose run is long enough. */
async function rateAt(
  sizes: readonly number[],
  measure: (size: number) => Promise<{ work: number; ms: number }>,
): Promise<number> {
  let rate = 0;
  for (const size of sizes) {
    const { work, ms } = await measure(size);
    rate = Math.max(rate, work / ms / 1e6);
    if (ms >= longEnough) break;
  }
  return rate;
}

/** Activates the backend and measures it, in about a second. */
export async function measureSpeed(backend: Backend): Promise<Speed> {
  await backend.activate();
  const gflops = await rateAt(sides, async (n) => ({
    work: 2 * n ** 3,
    ms: await bestMilliseconds(
      (a, b) => ({ y: tf.matMul(a as tf.Tensor2D, b as tf.Tensor2D) }),
      () => tf.fill([n, n], 0.5),
    ),
  }));
  const gigabytes = await rateAt(lengths, async (n) => ({
    work: 3 * 4 * n,
    ms: await bestMilliseconds(
      (a, b) => ({ y: tf.add(a, b) }),
      () => tf.fill([n], 0.5),
    ),
  }));
  return { gflops, gigabytes };
}

import * as tf from "@tensorflow/tfjs-core";

/** Numbers that float32 holds, the same on every engine. */
export interface Numbers {
  readonly shape: readonly number[];
  readonly values: readonly number[];
}

/** One op on small inputs, smooth around them. */
export interface Case {
  /** Named in the table, once. */
  readonly op: string;
  readonly inputs: readonly Numbers[];
  /** Highest derivative that is there: 2 as a rule, 0 for what is not differentiated. */
  readonly order: 0 | 1 | 2;
  readonly run: (...xs: tf.Tensor[]) => tf.Tensor;
}

/** Spread over [low, high] without two that are alike: Weyl's sequence of the golden ratio, shifted by `seed`. */
export function spread(seed: number, shape: readonly number[], low: number, high: number): Numbers {
  const golden = 0.6180339887498949;
  const values = Array.from({ length: tf.util.sizeFromShape([...shape]) }, (_, i) => {
    const part = (0.137 + 0.379 * seed + (i + 1) * golden) % 1;
    return Math.fround(low + (high - low) * part);
  });
  return { shape, values };
}

type Range = readonly [low: number, high: number];
export const signed: Range = [-1.1, 1.2];
export const positive: Range = [0.3, 2];

/**
 * A case by its op, the shapes of its inputs and the function.
 *
 * @param range of all inputs. Default: `signed`.
 */
export function define(
  op: string,
  shapes: readonly (readonly number[])[],
  run: (...xs: tf.Tensor[]) => tf.Tensor,
  { range = signed, order = 2 }: { readonly range?: Range; readonly order?: 0 | 1 | 2 } = {},
): Case {
  return { op, order, run, inputs: shapes.map((shape, i) => spread(i, shape, ...range)) };
}

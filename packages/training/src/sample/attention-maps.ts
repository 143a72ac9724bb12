import type { Observe, ObservedAttention } from "@ganymede/core";
import * as tf from "@tensorflow/tfjs-core";

/** An attention layer of a network. */
export interface AttentionLayer
  extends Pick<ObservedAttention, "heads" | "queries" | "keys" | "queryGrid" | "keyGrid"> {
  /** Path of the layer, such as `blocks.3.attention`. */
  readonly path: string;
  /** Whether the layer computes all its weights at once; if not, each row is computed separately. */
  readonly held: boolean;
}

/** Rows of the weights of one attention layer. */
export interface AttentionMaps extends AttentionLayer {
  /** Queries whose rows were read. */
  readonly rows: readonly number[];
  /** `[B, heads, rows, keys]`. */
  readonly weights: Float32Array;
}

/** Chooses the queries to read for a layer; layers are counted from 0 in execution order. */
export type ChooseRows = (layer: AttentionLayer, index: number) => readonly number[];

/** All queries. */
export const allRows: ChooseRows = ({ queries }) => Array.from({ length: queries }, (_, query) => query);

/** `[B, heads, rows, keys]`. */
function readRows({ weights, queries, row }: ObservedAttention, rows: readonly number[]): tf.Tensor {
  if (weights !== undefined && rows.length === queries) return tf.clone(weights);
  return tf.stack(
    rows.map((query) => row(query)),
    2,
  );
}

/**
 * Runs a network once and reads the chosen rows of its attention weights, layer by layer in execution order. Variants that never
 * materialise their weights compute each row separately, so choose few rows.
 *
 * @param run runs the network with `observe` in its context.
 * @returns the result of `run`, which the caller disposes, and the maps.
 */
export async function attentionMaps<Output extends tf.Tensor>(
  run: (observe: Observe) => Output,
  choose: ChooseRows = allRows,
): Promise<{ readonly output: Output; readonly maps: readonly AttentionMaps[] }> {
  const kept: { readonly layer: AttentionLayer; readonly rows: readonly number[]; readonly weights?: tf.Tensor }[] = [];
  const observe: Observe = (name, value, path) => {
    if (name !== "attention") return;
    const attention = value as ObservedAttention;
    const { heads, queries, keys, queryGrid, keyGrid } = attention;
    const grids = { ...(queryGrid && { queryGrid }), ...(keyGrid && { keyGrid }) };
    const layer = { path: path.join("."), heads, queries, keys, held: attention.weights !== undefined, ...grids };
    const rows = choose(layer, kept.length);
    kept.push({ layer, rows, ...(rows.length > 0 && { weights: tf.keep(tf.tidy(() => readRows(attention, rows))) }) });
  };
  try {
    const output = tf.tidy(() => run(observe));
    const maps = await Promise.all(
      kept.map(async ({ layer, rows, weights }) => {
        const values = weights === undefined ? new Float32Array() : ((await weights.data()) as Float32Array);
        return { ...layer, rows, weights: values };
      }),
    );
    return { output, maps };
  } finally {
    tf.dispose(kept.flatMap(({ weights }) => weights ?? []));
  }
}

import type { Tensor, Tensor3D, Tensor4D } from "@tensorflow/tfjs-core";

/** The attention of one layer, while its network runs. Tensors that its functions return belong to the caller. */
export interface ObservedAttention {
  readonly heads: number;
  /** Number of queries N and of keys M. */
  readonly queries: number;
  readonly keys: number;
  /** Rows and columns of the map that the queries, or the keys, are the pixels of, row by row; absent where they are no map. */
  readonly queryGrid?: readonly [rows: number, columns: number];
  readonly keyGrid?: readonly [rows: number, columns: number];
  /** Weights of all queries `[B, heads, N, M]`, each row adding up to 1; absent in a variant that never holds them (tiled, linear, hashed). */
  readonly weights?: Tensor4D;
  /** Weights of one query `[B, heads, M]`, computed on demand; every variant has it. */
  row(query: number): Tensor3D;
}

/**
 * What a network lets others see while it runs, by name. Open to plugins:
 * `declare module "@ganymede/core" { interface Observations { gates: Tensor } }`.
 */
export interface Observations {
  /** Attention weights, from every attention. */
  readonly attention: ObservedAttention;
  /** What a named part of a composed layer returned, where that is a tensor. */
  readonly output: Tensor;
}

/** Receives an observation and the path of the layer that made it. It must neither dispose nor keep the tensors without a copy. */
export type Observe = <Name extends keyof Observations>(
  name: Name,
  value: Observations[Name],
  path: readonly (string | number)[],
) => void;

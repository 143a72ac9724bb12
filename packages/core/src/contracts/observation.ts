import type { Tensor, Tensor3D, Tensor4D } from "@tensorflow/tfjs-core";

/** The attention of one layer while its network runs. The caller owns tensors that its functions return. */
export interface ObservedAttention {
  readonly heads: number;
  /** Number of queries N and keys M. */
  readonly queries: number;
  readonly keys: number;
  /** Rows and columns of the map whose pixels the queries or keys are, row-major; absent if they are not a map. */
  readonly queryGrid?: readonly [rows: number, columns: number];
  readonly keyGrid?: readonly [rows: number, columns: number];
  /** Attention weights `[B, heads, N, M]`, each row summing to 1; absent if the variant never materialises them (tiled, linear, hashed). */
  readonly weights?: Tensor4D;
  /** Weights of one query `[B, heads, M]`, computed on demand; every variant has it. */
  row(query: number): Tensor3D;
}

/**
 * Observable values of a network while it runs, by name. Plugins can extend it:
 * `declare module "@ganymede/core" { interface Observations { gates: Tensor } }`.
 */
export interface Observations {
  /** Attention weights, from every attention. */
  readonly attention: ObservedAttention;
  /** Output of a named part of a composed layer, if it is a tensor. */
  readonly output: Tensor;
}

/** Receives an observation and the path of its layer. It must not dispose the tensors, nor keep them without a copy. */
export type Observe = <Name extends keyof Observations>(
  name: Name,
  value: Observations[Name],
  path: readonly (string | number)[],
) => void;

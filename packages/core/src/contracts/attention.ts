import type { Tensor2D, Tensor3D, Tensor4D } from "@tensorflow/tfjs-core";
import type { LinearFactory } from "../nn/linear.js";
import type { ParamTree } from "../tree/param-tree.js";
import type { Layer } from "./layer.js";

export interface AttentionOptions {
  /** Width of the tokens, C. */
  readonly channels: number;
  /** Number of heads, H. */
  readonly heads: number;
  /** Width of one head, D; C / H where left out, which must then be whole. */
  readonly headWidth?: number;
  /** How the layer's linear maps are made (as `equalizedLinear`); each variant's own choice where left out. */
  readonly linear?: LinearFactory;
  /** Rows and columns of the map whose pixels the tokens are, row by row; needed by variants that know positions. */
  readonly grid?: readonly [rows: number, columns: number];
  /** Width of the memory's tokens; C where left out. */
  readonly memoryChannels?: number;
}

/** Self-attention over tokens, `[B, N, C]` to `[B, N, C]`. */
export interface SelfAttention {
  readonly id: string;
  /** Address of the paper or code. */
  readonly source: string;
  readonly role: "self";
  create(options: AttentionOptions): Layer<ParamTree, Tensor3D, Tensor3D>;
}

export interface CrossInput {
  /** `[B, N, C]`. */
  readonly x: Tensor3D;
  /** `[B, M, memoryChannels]`. */
  readonly memory: Tensor3D;
  /** `[B, M]`: 1 for the tokens of the memory that count, 0 for those that do not; all count where left out. */
  readonly mask?: Tensor2D;
}

/** Attention from tokens to a memory: `[B, N, C]` and `[B, M, C]` to `[B, N, C]`. */
export interface CrossAttention {
  readonly id: string;
  readonly source: string;
  readonly role: "cross";
  create(options: AttentionOptions): Layer<ParamTree, CrossInput, Tensor3D>;
}

/** Attention over the pixels of a map, `[B, H, W, C]` to `[B, H, W, C]`. */
export interface MapAttention {
  readonly id: string;
  readonly source: string;
  readonly role: "map";
  create(options: AttentionOptions): Layer<ParamTree, Tensor4D, Tensor4D>;
}

/** Attention that reads a set of tokens into a number of its own, `[B, N, C]` to `[B, M, C]`. */
export interface SetAttention {
  readonly id: string;
  readonly source: string;
  readonly role: "set";
  create(options: AttentionOptions): Layer<ParamTree, Tensor3D, Tensor3D>;
}

export type AttentionVariant = SelfAttention | CrossAttention | MapAttention | SetAttention;

/** A variant as its author writes it; the layer's own type is kept. */
export interface AttentionDescription<L> {
  readonly id: string;
  readonly source: string;
  create(options: AttentionOptions): L;
}

/** Self-attention over tokens. */
export function defineAttention<L extends Layer<ParamTree, Tensor3D, Tensor3D>>(
  variant: AttentionDescription<L>,
): AttentionDescription<L> & { readonly role: "self" } {
  return { ...variant, role: "self" };
}

/** Attention from tokens to a memory. */
export function defineCrossAttention<L extends Layer<ParamTree, CrossInput, Tensor3D>>(
  variant: AttentionDescription<L>,
): AttentionDescription<L> & { readonly role: "cross" } {
  return { ...variant, role: "cross" };
}

/** Attention over the pixels of a map. */
export function defineMapAttention<L extends Layer<ParamTree, Tensor4D, Tensor4D>>(
  variant: AttentionDescription<L>,
): AttentionDescription<L> & { readonly role: "map" } {
  return { ...variant, role: "map" };
}

/** Attention that reads a set of tokens. */
export function defineSetAttention<L extends Layer<ParamTree, Tensor3D, Tensor3D>>(
  variant: AttentionDescription<L>,
): AttentionDescription<L> & { readonly role: "set" } {
  return { ...variant, role: "set" };
}

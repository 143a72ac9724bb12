import type { Tensor3D } from "@tensorflow/tfjs-core";
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
}

/** Self-attention over tokens, `[B, N, C]` to `[B, N, C]`. */
export interface SelfAttention {
  readonly id: string;
  /** Address of the paper or code. */
  readonly source: string;
  readonly role: "self";
  create(options: AttentionOptions): Layer<ParamTree, Tensor3D, Tensor3D>;
}

/** Attention from tokens to a memory, `{ x: [B, N, C], memory: [B, M, C] }` to `[B, N, C]`. */
export interface CrossAttention {
  readonly id: string;
  readonly source: string;
  readonly role: "cross";
  create(options: AttentionOptions): Layer<ParamTree, { readonly x: Tensor3D; readonly memory: Tensor3D }, Tensor3D>;
}

export type AttentionVariant = SelfAttention | CrossAttention;

/** Keeps the parameter type of `create`'s layer; `role` is `self` where it is left out. */
export function defineAttention<Params extends ParamTree>(variant: {
  readonly id: string;
  readonly source: string;
  create(options: AttentionOptions): Layer<Params, Tensor3D, Tensor3D>;
}): {
  readonly id: string;
  readonly source: string;
  readonly role: "self";
  create(options: AttentionOptions): Layer<Params, Tensor3D, Tensor3D>;
} {
  return { ...variant, role: "self" };
}

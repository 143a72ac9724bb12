import type { Tensor2D, Tensor3D, Tensor4D } from "@tensorflow/tfjs-core";
import type { Component, DefinedComponent, PartOf } from "../component/component.js";
import { defineComponent } from "../component/component.js";
import type { Setting } from "../config/settings.js";
import type { LinearFactory } from "../nn/linear.js";
import type { ParamTree } from "../tree/param-tree.js";
import type { Layer } from "./layer.js";

/** Sizes and parts of an attention layer. */
export interface AttentionOptions {
  /** Width of the tokens, C. */
  readonly channels: number;
  /** Number of heads, H. */
  readonly heads: number;
  /** Width of one head, D. Default: C / H, which must then be an integer. */
  readonly headWidth?: number;
  /** Factory of the linear layers, such as `equalizedLinear`. Default: chosen by each variant. */
  readonly linear?: LinearFactory;
  /** Rows and columns of the map whose pixels are the tokens, row-major; required by variants that use positions. */
  readonly grid?: readonly [rows: number, columns: number];
  /** Width of the memory's tokens. Default: C. */
  readonly memoryChannels?: number;
  /** Rows and columns of the map whose pixels are the memory's tokens, for observers of the attention. */
  readonly memoryGrid?: readonly [rows: number, columns: number];
}

/** Queries' tokens, and the memory that they attend to. */
export interface CrossInput {
  /** `[B, N, C]`. */
  readonly x: Tensor3D;
  /** `[B, M, memoryChannels]`. */
  readonly memory: Tensor3D;
  /** `[B, M]`: 1 for tokens of the memory that are attended to, 0 for masked ones. Default: all ones. */
  readonly mask?: Tensor2D | undefined;
}

/** An attention of one role, with its settings type erased. */
interface Variant<Role extends string, Input, Output> {
  readonly id: string;
  /** URL of the paper or code. */
  readonly source: string;
  readonly role: Role;
  /** True if the output replaces `x`. Default: false, the output is an update that the block adds to `x`. */
  readonly replaces?: boolean;
  /** All settings with their defaults. */
  readonly defaults: object;
  /** Ranges of the settings. */
  readonly settings?: Setting<unknown>;
  create(settings: never, options: AttentionOptions): Layer<ParamTree, Input, Output>;
}

/** Self-attention over tokens, `[B, N, C]` to `[B, N, C]`. */
export type SelfAttention = Variant<"self", Tensor3D, Tensor3D>;

/** Attention from tokens to a memory: `[B, N, C]` and `[B, M, C]` to `[B, N, C]`. */
export type CrossAttention = Variant<"cross", CrossInput, Tensor3D>;

/** Attention over the pixels of a map, `[B, H, W, C]` to `[B, H, W, C]`. */
export type MapAttention = Variant<"map", Tensor4D, Tensor4D>;

/** Attention from learned queries to a set of tokens, `[B, N, C]` to `[B, M, C]`. */
export type SetAttention = Variant<"set", Tensor3D, Tensor3D>;

/** An attention of any role, as a plugin provides it. */
export type AttentionVariant = SelfAttention | CrossAttention | MapAttention | SetAttention;

/** Variants with chosen settings, which networks are built from. `create(options)` makes the layer. */
export type SelfAttentionPart = PartOf<SelfAttention>;
/** An attention of tokens to a memory, with its settings. */
export type CrossAttentionPart = PartOf<CrossAttention>;
/** An attention over the pixels of a map, with its settings. */
export type MapAttentionPart = PartOf<MapAttention>;
/** An attention from learned queries to a set of tokens, with its settings. */
export type SetAttentionPart = PartOf<SetAttention>;
/** An attention of any role, with its settings. */
export type AttentionPart = SelfAttentionPart | CrossAttentionPart | MapAttentionPart | SetAttentionPart;

/** A variant as its author defines it; the types of its settings and layer are kept. */
export interface AttentionDescription<Settings extends object, L> {
  readonly id: string;
  /** URL of the paper or code. */
  readonly source: string;
  /** All settings with their defaults; null for values derived from the options. */
  readonly defaults: Settings;
  /** Ranges of the settings, see `record`. */
  readonly settings?: Setting<Settings>;
  /** True if the output replaces `x`. Default: false, an update. */
  readonly replaces?: boolean;
  create(settings: Settings, options: AttentionOptions): L;
}

/** A variant that is also a function which returns its part: `performer({ features: 128 })`. */
export type DefinedAttention<Settings extends object, L, Role> = DefinedComponent<
  Component<Settings, AttentionOptions, L> & { readonly role: Role; readonly replaces?: boolean }
>;

/** Defines self-attention over tokens. */
export function defineAttention<Settings extends object, L extends Layer<ParamTree, Tensor3D, Tensor3D>>(
  variant: AttentionDescription<Settings, L>,
): DefinedAttention<Settings, L, "self"> {
  return defineComponent({ ...variant, role: "self" });
}

/** Defines attention from tokens to a memory. */
export function defineCrossAttention<Settings extends object, L extends Layer<ParamTree, CrossInput, Tensor3D>>(
  variant: AttentionDescription<Settings, L>,
): DefinedAttention<Settings, L, "cross"> {
  return defineComponent({ ...variant, role: "cross" });
}

/** Defines attention over the pixels of a map. */
export function defineMapAttention<Settings extends object, L extends Layer<ParamTree, Tensor4D, Tensor4D>>(
  variant: AttentionDescription<Settings, L>,
): DefinedAttention<Settings, L, "map"> {
  return defineComponent({ ...variant, role: "map" });
}

/** Defines attention from learned queries to a set of tokens. */
export function defineSetAttention<Settings extends object, L extends Layer<ParamTree, Tensor3D, Tensor3D>>(
  variant: AttentionDescription<Settings, L>,
): DefinedAttention<Settings, L, "set"> {
  return defineComponent({ ...variant, role: "set" });
}

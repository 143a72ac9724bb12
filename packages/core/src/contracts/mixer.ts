import type { Tensor3D } from "@tensorflow/tfjs-core";
import type { Component, DefinedComponent, PartOf } from "../component/component.js";
import { defineComponent } from "../component/component.js";
import type { Setting } from "../config/settings.js";
import type { ParamTree } from "../tree/param-tree.js";
import type { AttentionOptions } from "./attention.js";
import type { Layer } from "./layer.js";

/**
 * What lets the tokens of a map read each other and is no attention: a convolution, a residual block. `[B, N, C]` to `[B, N, C]` for the N
 * pixels of the options' grid, row by row. Every attention over tokens or maps stands where a mixer may, see `resolveMixer`.
 */
export interface TokenMixer {
  readonly id: string;
  /** Address of the paper or code. */
  readonly source: string;
  /** All settings with their defaults. */
  readonly defaults: object;
  /** Ranges of the settings. */
  readonly settings?: Setting<unknown>;
  /** True where the output takes the place of the input; by default it is an update, which the block adds. */
  readonly replaces?: boolean;
  create(settings: never, options: AttentionOptions): Layer<ParamTree, Tensor3D, Tensor3D>;
}

/** A mixer whose settings are chosen; a self-attention with its settings is one too. */
export type MixerPart = Omit<PartOf<TokenMixer>, "replaces"> & { readonly replaces?: boolean };

/** A mixer as its author writes it; the types of its settings and of its layer are kept. */
export interface MixerDescription<Settings extends object, L> {
  readonly id: string;
  readonly source: string;
  readonly defaults: Settings;
  readonly settings?: Setting<Settings>;
  readonly replaces?: boolean;
  create(settings: Settings, options: AttentionOptions): L;
}

/** A mixer of tokens, which is also called for its part: `convolution({ kernel: 5 })`. */
export function defineMixer<Settings extends object, L extends Layer<ParamTree, Tensor3D, Tensor3D>>(
  mixer: MixerDescription<Settings, L>,
): DefinedComponent<Component<Settings, AttentionOptions, L> & { readonly replaces?: boolean }> {
  return defineComponent(mixer);
}

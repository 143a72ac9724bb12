import type { Tensor3D } from "@tensorflow/tfjs-core";
import type { Component, DefinedComponent, PartOf } from "../component/component.js";
import { defineComponent } from "../component/component.js";
import type { Setting } from "../config/settings.js";
import type { ParamTree } from "../tree/param-tree.js";
import type { AttentionOptions } from "./attention.js";
import type { Layer } from "./layer.js";

/**
 * A layer that mixes the tokens of a map without attention, such as a convolution or a residual block. `[B, N, C]` to `[B, N, C]` for the
 * N pixels of the options' grid, row-major. Every attention over tokens or maps can be used as a mixer, see `resolveMixer`.
 */
export interface TokenMixer {
  readonly id: string;
  /** URL of the paper or code. */
  readonly source: string;
  /** All settings with their defaults. */
  readonly defaults: object;
  /** Ranges of the settings. */
  readonly settings?: Setting<unknown>;
  /** True if the output replaces the input. Default: false, an update that the block adds. */
  readonly replaces?: boolean;
  create(settings: never, options: AttentionOptions): Layer<ParamTree, Tensor3D, Tensor3D>;
}

/** A mixer with chosen settings; a self-attention part is one too. */
export type MixerPart = Omit<PartOf<TokenMixer>, "replaces"> & { readonly replaces?: boolean };

/** A mixer as its author defines it; the types of its settings and layer are kept. */
export interface MixerDescription<Settings extends object, L> {
  readonly id: string;
  readonly source: string;
  readonly defaults: Settings;
  readonly settings?: Setting<Settings>;
  readonly replaces?: boolean;
  create(settings: Settings, options: AttentionOptions): L;
}

/** Defines a token mixer, which is also a function that returns its part: `convolution({ kernel: 5 })`. */
export function defineMixer<Settings extends object, L extends Layer<ParamTree, Tensor3D, Tensor3D>>(
  mixer: MixerDescription<Settings, L>,
): DefinedComponent<Component<Settings, AttentionOptions, L> & { readonly replaces?: boolean }> {
  return defineComponent(mixer);
}

import { augmentedConvolution, grid, local, onTokens } from "@ganymede/attention";
import type { AttentionOptions, AttentionVariant, Layer, ParamTree } from "@ganymede/core";
import { defineLayer, defineMapAttention, fold } from "@ganymede/core";
import { equalizedConvolution, equalizedLinear } from "@ganymede/core/nn";
import type * as tf from "@tensorflow/tfjs-core";
import { findAttention } from "./find-attention.js";

/** What mixes the tokens of a map, `[B, N, C]` to the same. */
export type Mixer = Layer<ParamTree, tf.Tensor3D, tf.Tensor3D>;

export interface MixerOptions {
  readonly width: number;
  readonly heads: number;
  /** Side of the map. */
  readonly side: number;
  /** Of `local`'s neighbourhoods. */
  readonly neighbourhood?: number;
  readonly scaled?: boolean;
  /** Of convolutions. */
  readonly kernel?: number;
  /** Of `grid`'s windows. */
  readonly window?: number;
}

/** Local attention with the output map that other attentions have. */
function localWithOutput({ neighbourhood = 7, scaled = true }: MixerOptions) {
  const inner = local({ kernel: neighbourhood, border: "masked", scaled });
  return defineMapAttention({
    id: inner.id,
    source: inner.source,
    create(options) {
      const attention = inner.create(options);
      const output = equalizedLinear({ inputs: options.channels, outputs: options.channels });
      return defineLayer({
        init: (key) => ({
          attention: attention.init(fold(key, "attention")),
          output: output.init(fold(key, "output")),
        }),
        apply: (params, x: tf.Tensor4D): tf.Tensor4D =>
          output.apply(params.output, attention.apply(params.attention, x)),
      });
    },
  });
}

const ownConvolution = ({ width, kernel = 3 }: MixerOptions) =>
  defineMapAttention({
    id: "convolution",
    source: "https://arxiv.org/abs/1710.10196",
    create: () => equalizedConvolution({ inputs: width, outputs: width, kernel }),
  });

/** What has settings of its own here, by its name in a config. */
const own: Readonly<Record<string, (options: MixerOptions) => { create(options: AttentionOptions): unknown }>> = {
  convolution: (options) => onTokens(ownConvolution(options)),
  "augmented-convolution": ({ kernel = 3 }) => onTokens(augmentedConvolution({ kernel })),
  local: (options) => onTokens(localWithOutput(options)),
  grid: ({ window = 8, side }) => onTokens(grid({ window: Math.min(window, side) })),
};

/**
 * The layer of a name: `convolution`, `augmented-convolution` (a quarter of the channels is attention's), or any attention over tokens
 * or maps.
 *
 * @throws GanymedeError `invalid-config` for an unknown name.
 */
export function createMixer(name: string, options: MixerOptions, variants: readonly AttentionVariant[]): Mixer {
  const { width, heads, side } = options;
  const sizes: AttentionOptions = { channels: width, heads, linear: equalizedLinear, grid: [side, side] };
  const special = own[name];
  if (special !== undefined) return special(options).create(sizes) as Mixer;
  const variant = findAttention(name, variants, ["self", "map"]);
  return variant.role === "self" ? variant.create(sizes) : onTokens(variant).create(sizes);
}

import { attentionVariants, onTokens } from "@ganymede/attention";
import type { AttentionVariant, Layer, ParamTree, Ref } from "@ganymede/core";
import { defineMapAttention, resolveAttention } from "@ganymede/core";
import { record, whole } from "@ganymede/core/config";
import { equalizedConvolution, equalizedLinear } from "@ganymede/core/nn";
import type * as tf from "@tensorflow/tfjs-core";

/** What mixes the tokens of a map, `[B, N, C]` to the same. */
export type Mixer = Layer<ParamTree, tf.Tensor3D, tf.Tensor3D>;

export interface MixerOptions {
  readonly width: number;
  readonly heads: number;
  /** Side of the map. */
  readonly side: number;
}

const convolution = defineMapAttention({
  id: "convolution",
  source: "https://arxiv.org/abs/1710.10196",
  defaults: { kernel: 3 },
  settings: record({
    /** Side of the kernel, odd. Default: 3. */
    kernel: whole(),
  }),
  create: ({ kernel }, { channels }) => equalizedConvolution({ inputs: channels, outputs: channels, kernel }),
});

/** Those from outside first, then those that the family comes with. */
export const withIncluded = (outside: readonly AttentionVariant[]) => [...outside, ...attentionVariants, convolution];

/**
 * The layer that a reference names: `convolution`, or any attention over tokens or maps.
 *
 * @param where the setting that names it, for errors.
 * @throws GanymedeError `unknown-name` and `invalid-config`, see `resolveAttention`.
 */
export function createMixer(
  ref: Ref,
  { width, heads, side }: MixerOptions,
  variants: readonly AttentionVariant[],
  where: string,
): Mixer {
  const variant = resolveAttention(withIncluded(variants), ref, ["self", "map"], `skinny: ${where}`);
  const sizes = { channels: width, heads, linear: equalizedLinear, grid: [side, side] } as const;
  return variant.role === "self" ? variant.create(sizes) : onTokens(variant).create(sizes);
}

import { resolveMixer } from "@ganymede/attention";
import type { Layer, ModelParts, ParamTree, Ref } from "@ganymede/core";
import { equalizedLinear } from "@ganymede/core/nn";
import type * as tf from "@tensorflow/tfjs-core";

/** What mixes the tokens of a map, `[B, N, C]` to the same: an update, which blocks add. */
export type Mixer = Layer<ParamTree, tf.Tensor3D, tf.Tensor3D>;

export interface MixerOptions {
  readonly width: number;
  readonly heads: number;
  /** Side of the map. */
  readonly side: number;
}

/** The layer that a setting of the family names, for a map. */
export const mixerOf = (ref: Ref, { width, heads, side }: MixerOptions, parts: ModelParts, where: string): Mixer =>
  resolveMixer(ref, parts, `skinny: ${where}`).create({
    channels: width,
    heads,
    linear: equalizedLinear,
    grid: [side, side],
  });

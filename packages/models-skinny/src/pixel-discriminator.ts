import type { Layer, ParamTree, WeightTransform } from "@ganymede/core";
import { improvedSpectralNorm, spectralNorm } from "@ganymede/core/nn";
import type * as tf from "@tensorflow/tfjs-core";
import type { WeightNorm } from "./config.js";

type Network<Answer> = Pick<Layer<ParamTree, tf.Tensor4D, Answer>, "apply">;

/** A discriminator, its logits per pixel where it has them, and where its queries look. */
export interface PixelDiscriminator {
  readonly discriminator: Layer<ParamTree, tf.Tensor4D, tf.Tensor1D>;
  readonly pixelLogits?: Network<{ readonly image: tf.Tensor1D; readonly pixels: tf.Tensor4D }>;
  readonly queries?: Network<tf.Tensor3D>;
}

/** Every weight but those of positions and of the pixels' logits. */
function isProjection(path: string, leaf: { readonly rank: number }): boolean {
  return leaf.rank >= 2 && path.endsWith("weight") && !/(^|\.)(position|norm|pixelHead)(\.|$)/.test(path);
}

const makers = {
  none: () => undefined,
  spectral: (): WeightTransform<ParamTree> => spectralNorm({ select: isProjection, epsilon: 1e-6 }),
  "improved-spectral": (): WeightTransform<ParamTree> => improvedSpectralNorm({ select: isProjection }),
} satisfies Record<WeightNorm, () => WeightTransform<ParamTree> | undefined>;

/** The weight transform of a config, undefined for none. */
export const weightNorm = (kind: WeightNorm): WeightTransform<ParamTree> | undefined => makers[kind]();

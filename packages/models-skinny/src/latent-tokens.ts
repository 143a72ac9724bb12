import { defineLayer, fold } from "@ganymede/core";
import type { FourierFeaturesParams, LinearParams } from "@ganymede/core/nn";
import { equalizedLinear, fourierFeatures, gridPositions } from "@ganymede/core/nn";
import * as tf from "@tensorflow/tfjs-core";
import type { GeneratorConfig } from "./config.js";

export interface LatentTokensInput {
  /** `[B, styleWidth]`. */
  readonly w: tf.Tensor2D;
  /** `[B, tokens noiseWidth]`; not read where noiseWidth is 0. */
  readonly noise: tf.Tensor2D;
}

export type LatentTokensParams = {
  readonly position?: FourierFeaturesParams;
  readonly array?: LinearParams;
  readonly token?: LinearParams;
  readonly noise?: LinearParams;
};

/**
 * The latent tokens that the stack starts from: sines of their places on a square, or linear in w; plus what each token's own noise
 * adds; and, where w is a token, one more.
 *
 * Shapes: w `[B, styleWidth]` to `[B, L, width]`, L + 1 with w among the tokens.
 * Source: Lee et al. 2022, ViTGAN, arXiv 2107.04589, section 3.2, for the sines.
 */
export function latentTokens({ styleWidth, tokens, noiseWidth, styleInput, stack: { width } }: GeneratorConfig) {
  const position = styleInput === "array" ? undefined : fourierFeatures({ width });
  const array = styleInput === "array" ? equalizedLinear({ inputs: styleWidth, outputs: tokens * width }) : undefined;
  const token = styleInput === "token" ? equalizedLinear({ inputs: styleWidth, outputs: width }) : undefined;
  const own = noiseWidth === 0 ? undefined : equalizedLinear({ inputs: noiseWidth, outputs: width });
  return defineLayer<LatentTokensParams, LatentTokensInput, tf.Tensor3D>({
    init: (key) => ({
      ...(position === undefined ? {} : { position: position.init(fold(key, "position")) }),
      ...(array === undefined ? {} : { array: array.init(fold(key, "array")) }),
      ...(token === undefined ? {} : { token: token.init(fold(key, "token")) }),
      ...(own === undefined ? {} : { noise: own.init(fold(key, "noise")) }),
    }),
    apply(params, { w, noise }, context) {
      const [batch] = w.shape;
      let h = tf.zeros([batch, tokens, width]) as tf.Tensor3D;
      if (position !== undefined && params.position !== undefined) {
        h = tf.add(h, position.apply(params.position, gridPositions(Math.sqrt(tokens)), context));
      }
      if (array !== undefined && params.array !== undefined) {
        h = tf.reshape(array.apply(params.array, w, context), [batch, tokens, width]);
      }
      if (own !== undefined && params.noise !== undefined) {
        h = tf.add(h, own.apply(params.noise, tf.reshape(noise, [batch, tokens, noiseWidth]) as tf.Tensor3D, context));
      }
      if (token === undefined || params.token === undefined) return h;
      return tf.concat3d([h, tf.expandDims(token.apply(params.token, w, context), 1) as tf.Tensor3D], 1);
    },
  });
}

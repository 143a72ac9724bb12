import * as tf from "@tensorflow/tfjs-core";
import type { Layer } from "../contracts/layer.js";
import { defineLayer } from "../contracts/layer.js";
import { layerNormalize } from "../ops/layer-normalize.js";
import type { ParamTree } from "../tree/param-tree.js";
import { compose } from "./compose.js";
import { equalizedLinear } from "./equalized-linear.js";
import { layerNorm } from "./layer-norm.js";

/** Sizes and form of `selfModulatedNorm`. */
export interface SelfModulatedNormOptions {
  /** Width of the tokens. */
  readonly width: number;
  /** Width of the style w. */
  readonly styleWidth: number;
  /** Added to the variance. Default: 1e-6; the authors' release uses 1e-3. */
  readonly epsilon?: number;
  /** `paper`: gamma(w) n + beta(w), with gamma's bias initialised to 1; `release`: (1 + gamma(w)) n + beta(w), both biases 0. */
  readonly form: "paper" | "release";
}

/** Tokens, and the style that modulates their norm. */
export interface StyledTokens {
  /** `[B, N, width]`. */
  readonly x: tf.Tensor3D;
  /** `[B, styleWidth]`. */
  readonly style: tf.Tensor2D;
}

/**
 * Self-modulated LayerNorm (SLN): y = gamma(w) * (x - mean) / sqrt(var + epsilon) + beta(w), with gamma and beta linear in the style,
 * one value per feature, shared by all tokens.
 *
 * Shapes: x `[B, N, width]`, style `[B, styleWidth]`, to `[B, N, width]`.
 * Source: Lee et al. 2022, ViTGAN, arXiv 2107.04589, section 3.2.
 */
export const selfModulatedNorm = ({ width, styleWidth, epsilon = 1e-6, form }: SelfModulatedNormOptions) => {
  const gamma = equalizedLinear({ inputs: styleWidth, outputs: width, biasInit: form === "paper" ? 1 : 0 });
  const beta = equalizedLinear({ inputs: styleWidth, outputs: width });
  return compose({ gamma, beta }, (part, { x, style }: StyledTokens): tf.Tensor3D => {
    const scale = tf.expandDims(part.gamma(style), 1); // [B, 1, width]
    const shift = tf.expandDims(part.beta(style), 1);
    const factor = form === "paper" ? scale : tf.add(scale, 1);
    return tf.add(tf.mul(layerNormalize(x, epsilon), factor), shift);
  });
};

/** Tokens `[B, N, width]`, and the style `[B, styleWidth]` if one modulates them. */
export interface Styled extends Pick<StyledTokens, "x"> {
  readonly style?: tf.Tensor2D | undefined;
}

/** Options of a norm that a style may modulate. */
export interface StyledNormOptions extends Omit<SelfModulatedNormOptions, "styleWidth"> {
  /** Width of the style; null for a plain LayerNorm. */
  readonly styleWidth: number | null;
}

/** The norm of tokens with a style, or a LayerNorm with a learned scale and shift, which ignores the style. */
export function styledNorm({ styleWidth, ...options }: StyledNormOptions): Layer<ParamTree, Styled, tf.Tensor3D> {
  if (styleWidth !== null) return selfModulatedNorm({ ...options, styleWidth });
  const { init, apply } = layerNorm(options);
  return defineLayer({ init, apply: (params, { x }: Styled, context) => apply(params, x, context) });
}

import type { Context, Layer, MixerPart, ParamTree } from "@ganymede/core";
import { defineLayer, fold } from "@ganymede/core";
import { contextAt, equalizedLinear, gelu, layerNorm, mlp, selfModulatedNorm, silu } from "@ganymede/core/nn";
import * as tf from "@tensorflow/tfjs-core";

/** Tokens `[B, N, D]` and the style w `[B, D]` that modulates them. */
export interface StyledTokens {
  readonly x: tf.Tensor3D;
  readonly style: tf.Tensor2D;
}

export type StyledNorm = Layer<ParamTree, StyledTokens, tf.Tensor3D>;

export interface GeneratorBlockOptions {
  /** Width D of the tokens and of the style. */
  readonly width: number;
  readonly heads: number;
  /** Width of one head; D / heads where left out. */
  readonly headWidth?: number;
  /** Rows and columns of the map of tokens; needed by variants that know positions. */
  readonly grid?: readonly [rows: number, columns: number];
  readonly mlpWidth: number;
  readonly form: "paper" | "release";
  readonly latentInput: "modulation" | "addition";
  /** Of the MLP; GELU in the paper's form and SiLU in the release's where left out. */
  readonly activation?: "gelu" | "silu";
  /** Added to variances; 1e-6 in the paper's form and 1e-3 in the release's where left out. */
  readonly epsilon?: number;
}

const activations = { gelu, silu };

/** The norm of a generator: modulated by the style, or plain where the latent enters by addition. */
export function styledNorm(options: GeneratorBlockOptions): StyledNorm {
  const { width, form, latentInput, epsilon = form === "paper" ? 1e-6 : 1e-3 } = options;
  if (latentInput === "modulation") return selfModulatedNorm({ width, styleWidth: width, epsilon, form }) as StyledNorm;
  const plain = layerNorm({ width, epsilon });
  return defineLayer({
    init: plain.init,
    apply: (params, { x }: StyledTokens, context) => plain.apply(params, x, context),
  }) as StyledNorm;
}

/**
 * A block of the generator. Paper: h' = MSA(SLN(h, w)) + h, then MLP(SLN(h', w)) + h'. Release: the residual comes from the
 * normalised tokens, t = SLN(h, w), t = MSA(t) + t, and the same for the MLP.
 * Shapes: x `[B, N, D]`, style `[B, D]`, gives `[B, N, D]`.
 * Source: Lee et al. 2022, arXiv 2107.04589, section 3.2.
 */
export function generatorBlock(options: GeneratorBlockOptions, variant: MixerPart) {
  const { width, heads, headWidth, grid, mlpWidth, form, activation = form === "paper" ? "gelu" : "silu" } = options;
  const norm = styledNorm(options);
  const attention = variant.create({
    channels: width,
    heads,
    linear: equalizedLinear,
    ...(headWidth === undefined ? {} : { headWidth }),
    ...(grid === undefined ? {} : { grid }),
  });
  const feedForward = mlp({
    width,
    hidden: mlpWidth,
    linear: equalizedLinear,
    activation: activations[activation],
  });
  const residual = (x: tf.Tensor3D, normalised: tf.Tensor3D) => (form === "paper" ? x : normalised);
  return defineLayer({
    init: (key) => ({
      attentionNorm: norm.init(fold(key, "attentionNorm")),
      attention: attention.init(fold(key, "attention")),
      mlpNorm: norm.init(fold(key, "mlpNorm")),
      mlp: feedForward.init(fold(key, "mlp")),
    }),
    apply(params, { x, style }: StyledTokens, context: Context): tf.Tensor3D {
      const first = norm.apply(params.attentionNorm, { x, style }, context);
      const update = attention.apply(params.attention, first, contextAt(context, "attention"));
      const mixed = tf.add(update, residual(x, first)) as tf.Tensor3D;
      const second = norm.apply(params.mlpNorm, { x: mixed, style }, context);
      return tf.add(feedForward.apply(params.mlp, second, context), residual(mixed, second));
    },
  });
}

import { cross } from "@ganymede/attention";
import type { Layer, ParamTree } from "@ganymede/core";
import { defineLayer } from "@ganymede/core";
import { compose, fourierFeatures, gridPositions, equalizedLinear as linear, mlp, observedAs } from "@ganymede/core/nn";
import * as tf from "@tensorflow/tfjs-core";
import { normOf } from "./blocks.js";
import type { GeneratorConfig } from "./config.js";

/** w and the tokens' own noise. */
export interface LatentTokensInput {
  /** `[B, styleWidth]`. */
  readonly w: tf.Tensor2D;
  /** `[B, tokens noiseWidth]`. */
  readonly noise: tf.Tensor2D;
}

/**
 * The latent tokens that the stack starts from: sines of their places on a square, or linear in w; plus what each token's own noise
 * adds; and, if w is a token, one more.
 *
 * Shape: w `[B, styleWidth]` to `[B, L, width]`, L + 1 with w among the tokens.
 * Source: Lee et al. 2022, ViTGAN, arXiv 2107.04589, section 3.2, for the sines.
 */
export function latentTokens({ styleWidth, tokens, noiseWidth, styleInput, stack: { width } }: GeneratorConfig) {
  const parts = {
    position: styleInput === "array" ? undefined : fourierFeatures({ width }),
    array: styleInput === "array" ? linear({ inputs: styleWidth, outputs: tokens * width }) : undefined,
    token: styleInput === "token" ? linear({ inputs: styleWidth, outputs: width }) : undefined,
    noise: noiseWidth === 0 ? undefined : linear({ inputs: noiseWidth, outputs: width }),
  };
  return compose(parts, (part, { w, noise }: LatentTokensInput): tf.Tensor3D => {
    const shape: [number, number, number] = [w.shape[0], tokens, width];
    let h: tf.Tensor3D = part.array === undefined ? tf.zeros(shape) : tf.reshape(part.array(w), shape);
    if (part.position !== undefined) h = tf.add(h, part.position(gridPositions(Math.sqrt(tokens))));
    if (part.noise !== undefined) h = tf.add(h, part.noise(tf.reshape<tf.Rank.R3>(noise, [-1, tokens, noiseWidth])));
    return part.token === undefined ? h : tf.concat3d([h, tf.expandDims<tf.Tensor3D>(part.token(w), 1)], 1);
  });
}

/** A layer over tokens that are no map, although its mixers are made for a square: observers are shown no grid. */
export function withoutGrid<Params extends ParamTree, Input, Output>({ init, apply }: Layer<Params, Input, Output>) {
  return defineLayer<Params, Input, Output>({
    init,
    apply: (params, input, context) =>
      apply(
        params,
        input,
        observedAs(context, ({ queryGrid: _, keyGrid: __, ...attention }) => attention),
      ),
  });
}

/** Latents, and w if it modulates. */
export interface CoarseInput {
  /** `[B, L, D]`. */
  readonly latents: tf.Tensor3D;
  readonly style: tf.Tensor2D | undefined;
}

/**
 * The first pixels: q = sin(p W + b) for every place p, q' = q + cross(norm(q, w), latents), then q' + MLP(norm(q', w)).
 *
 * Shape: latents `[B, L, D]` to `[B, side side, width]`.
 * Source: Jaegle et al. 2021, Perceiver IO, arXiv 2107.14795, section 3.1, for queries of places that read latents.
 */
export function coarseReader({ coarse, stack, mlpRatio }: GeneratorConfig, styleWidth: number | null) {
  const { side, width, heads } = coarse;
  const parts = {
    position: fourierFeatures({ width }),
    attentionNorm: normOf(width, styleWidth),
    attention: cross().create({ channels: width, memoryChannels: stack.width, heads, linear, grid: [side, side] }),
    mlpNorm: normOf(width, styleWidth),
    mlp: mlp({ width, hidden: mlpRatio * width, linear }),
  };
  return compose(parts, (part, { latents: memory, style }: CoarseInput): tf.Tensor3D => {
    const places = tf.expandDims<tf.Tensor>(part.position(gridPositions(side))); // [1, N, width]
    const q = tf.broadcastTo<tf.Rank.R3>(places, [memory.shape[0], side * side, width]);
    const read = tf.add<tf.Tensor3D>(q, part.attention({ x: part.attentionNorm({ x: q, style }), memory }));
    return tf.add(read, part.mlp(part.mlpNorm({ x: read, style })));
  });
}

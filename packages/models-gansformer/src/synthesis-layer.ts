import type { AttentionVariant, Key } from "@ganymede/core";
import { defineLayer, fold, key, normal } from "@ganymede/core";
import { compose, convolveUp, equalizedLinear, learned, modulatedConvolution } from "@ganymede/core/nn";
import * as tf from "@tensorflow/tfjs-core";
import type { Attended } from "./components-layer.js";
import { componentsLayer } from "./components-layer.js";
import type { BipartiteConfig, GeneratorConfig } from "./config.js";
import { mapPosition } from "./map-position.js";

/** Sizes and parts of a layer of the synthesis network. */
export interface SynthesisLayerOptions {
  readonly inputs: number;
  readonly outputs: number;
  /** Side of the output map. */
  readonly side: number;
  /** Doubles the map. */
  readonly up: boolean;
  readonly config: GeneratorConfig;
  /** Attention to the components; undefined for none. */
  readonly attention: BipartiteConfig | undefined;
  /** Whether no layer before it attends. */
  readonly first: boolean;
  /** No attention, noise, bias or activation: the last convolution of all. Default: false. */
  readonly bare?: boolean;
  /** Factor after the activation. Default: sqrt(2). */
  readonly gain?: number;
  /** Attentions from outside. */
  readonly variants: readonly AttentionVariant[];
}

/** The latents of one layer. */
export interface LayerStyle {
  /** `[B, d]`, if convolutions are modulated. */
  readonly global?: tf.Tensor2D;
  /** `[B, k, d]`, if there are components. */
  readonly components?: tf.Tensor3D;
}

/** What all layers of a network read: positions of the latents `[k, d]`, and `[B, k]`, 0 for components that are left out. */
export interface Components {
  readonly latentPositions?: tf.Tensor2D | undefined;
  readonly mask?: tf.Tensor2D | undefined;
}

/** A map, and the assignments `[B, heads, k, N]` of its pixels if centroids are carried from layer to layer. */
export interface AssignedMap {
  readonly x: tf.Tensor4D;
  readonly assignments?: tf.Tensor4D | undefined;
}

type NoiseParams = { readonly strength: tf.Scalar; readonly statistics?: { readonly constant: tf.Tensor2D } };

/**
 * x + strength * n, one n ~ N(0, 1) for all channels of a pixel: new for every image in training; always the same when sampling, a
 * function of the map's side and the layer's name, or the `constant` `[H, W]` of imported weights.
 *
 * Shape: x `[B, H, W, C]` to the same.
 * Source: Karras et al. 2019, StyleGAN, arXiv 1812.04948, section 2.
 */
const noise = (name: string) =>
  defineLayer<NoiseParams, tf.Tensor4D, tf.Tensor4D>({
    init: () => ({ strength: tf.scalar(0) }),
    apply({ strength, statistics }, x, context) {
      const [batch, height, width] = x.shape;
      const draw = (from: Key, count: number) => normal<tf.Rank.R4>(from, [count, height, width, 1]);
      if (context.mode === "training") return tf.add(x, tf.mul(draw(context.key, batch), strength));
      const constant = statistics && tf.reshape<tf.Rank.R4>(statistics.constant, [1, height, width, 1]);
      return tf.add(x, tf.mul(constant ?? draw(fold(key(height), name), 1), strength));
    },
  });

/**
 * A layer of the generator: a convolution modulated by the global latent, attention to the components, noise, bias and leaky ReLU.
 *
 * Shape: x `[B, H, W, inputs]` to `[B, side, side, outputs]`.
 * Source: Hudson and Zitnick 2021, GANsformer, arXiv 2103.01209, section 3.2; Karras et al. 2020, StyleGAN2, arXiv 1912.04958.
 */
export function synthesisLayer(options: SynthesisLayerOptions) {
  const { inputs, outputs, side, up, config, attention, first, bare = false, gain = Math.SQRT2, variants } = options;
  const { latentWidth, blurTaps } = config;
  const sizes = { channels: outputs, latentWidth, grid: [side, side] as const, first, variants };
  const parts = {
    weight: learned((key) => normal<tf.Rank.R4>(key, [3, 3, inputs, outputs])),
    style: config.style ? equalizedLinear({ inputs: latentWidth, outputs: inputs, biasInit: 1 }) : undefined,
    attention: attention && componentsLayer(attention, sizes),
    position: attention && mapPosition(attention.position, side, latentWidth),
    noise: config.noise && !bare ? noise(up ? "up" : "main") : undefined,
    bias: bare ? undefined : learned(() => tf.zeros<tf.Rank.R1>([outputs])),
  };
  const convolve = (x: tf.Tensor4D, weight: tf.Tensor4D): tf.Tensor4D =>
    up ? convolveUp(x, weight, blurTaps) : tf.conv2d(x, weight, 1, "same");
  const activate = (x: tf.Tensor4D): tf.Tensor4D =>
    gain === 1 ? tf.leakyRelu(x, 0.2) : tf.mul(tf.leakyRelu(x, 0.2), gain);

  type Input = AssignedMap & Components & { readonly style: LayerStyle };
  return compose(parts, (part, { x, assignments, latentPositions, mask, style }: Input): AssignedMap => {
    const weight = tf.mul<tf.Tensor4D>(part.weight, 1 / Math.sqrt(9 * inputs));
    const map =
      part.style === undefined || style.global === undefined
        ? convolve(x, weight)
        : modulatedConvolution(x, part.style(style.global), weight, true, convolve);
    const attend = (memory: tf.Tensor3D): Attended | undefined => {
      const x: tf.Tensor3D = tf.reshape(map, [-1, side * side, outputs]);
      const places = { positions: part.position?.(), memoryPositions: latentPositions };
      return part.attention?.({ x, memory, ...places, mask, assignments });
    };
    const attended = style.components && attend(style.components);
    const mixed = attended === undefined ? map : tf.reshape<tf.Rank.R4>(attended.y, map.shape);
    const noised = part.noise?.(mixed) ?? mixed;
    const y = part.bias === undefined ? noised : activate(tf.add(noised, part.bias));
    return { x: y, assignments: attended?.assignments };
  });
}

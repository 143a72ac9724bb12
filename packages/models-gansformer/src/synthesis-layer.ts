import type { AttentionVariant, Context, ParamTree } from "@ganymede/core";
import { defineLayer, fold, normal } from "@ganymede/core";
import type { LinearParams } from "@ganymede/core/nn";
import { contextAt, convolveUp, equalizedLinear, modulatedConvolution } from "@ganymede/core/nn";
import * as tf from "@tensorflow/tfjs-core";
import { componentsLayer } from "./components-layer.js";
import type { GeneratorConfig } from "./config.js";
import { mapPosition } from "./map-position.js";
import type { NoiseParams } from "./noise.js";
import { addNoise } from "./noise.js";

export interface SynthesisLayerOptions {
  readonly inputs: number;
  readonly outputs: number;
  /** Side of the map that comes out. */
  readonly side: number;
  /** Doubles the map. */
  readonly up: boolean;
  readonly config: GeneratorConfig;
  /** Whether the map attends to the components, and is the first that does. */
  readonly attends: boolean;
  readonly first: boolean;
  /** No attention, noise, bias or activation: the last convolution of all. */
  readonly bare?: boolean;
  /** Factor after the activation; sqrt(2) where left out. */
  readonly gain?: number;
  readonly variants: readonly AttentionVariant[];
}

/** The latents of one layer. */
export interface LayerStyle {
  /** `[B, d]`, where convolutions are modulated. */
  readonly global?: tf.Tensor2D;
  /** `[B, k, d]`, where there are components. */
  readonly components?: tf.Tensor3D;
}

export interface SynthesisInput {
  readonly x: tf.Tensor4D;
  readonly style: LayerStyle;
  /** `[k, d]`. */
  readonly latentPositions?: tf.Tensor2D | undefined;
  /** `[B, k]`. */
  readonly mask?: tf.Tensor2D | undefined;
  /** Of the layer before, `[B, heads, k, N]`, on this layer's pixels. */
  readonly assignments?: tf.Tensor4D | undefined;
}

export interface SynthesisOutput {
  readonly x: tf.Tensor4D;
  readonly weights?: tf.Tensor4D;
  readonly assignments?: tf.Tensor4D;
}

export type SynthesisLayerParams = {
  readonly weight: tf.Tensor4D;
  readonly style?: LinearParams;
  readonly attention?: ParamTree;
  readonly position?: { readonly [name: string]: tf.Tensor };
  readonly noise?: NoiseParams;
  readonly bias?: tf.Tensor1D;
};

/**
 * A layer of the generator: a convolution modulated by the global latent, attention to the components, noise, bias and leaky ReLU.
 *
 * Shapes: x `[B, H, W, inputs]` to `[B, side, side, outputs]`.
 * Source: Hudson and Zitnick 2021, GANsformer, arXiv 2103.01209, section 3.2; Karras et al. 2020, StyleGAN2, arXiv 1912.04958.
 */
export function synthesisLayer(options: SynthesisLayerOptions) {
  const { inputs, outputs, side, up, config, attends, first, bare = false, gain = Math.SQRT2, variants } = options;
  const { latentWidth, blurTaps, attention: chosen } = config;
  const scale = 1 / Math.sqrt(9 * inputs);
  const style = config.style ? equalizedLinear({ inputs: latentWidth, outputs: inputs, biasInit: 1 }) : undefined;
  const bipartite = attends && !bare && chosen.kind === "bipartite" ? chosen : undefined;
  const sizes = { channels: outputs, memoryChannels: latentWidth, grid: [side, side] as const };
  const attention = bipartite === undefined ? undefined : componentsLayer(bipartite, sizes, first, variants);
  const position = bipartite === undefined ? undefined : mapPosition(bipartite.position, side, latentWidth);
  const noisy = config.noise && !bare;
  const convolve = (x: tf.Tensor4D, weight: tf.Tensor4D): tf.Tensor4D =>
    up ? convolveUp(x, weight, blurTaps) : tf.conv2d(x, weight, 1, "same");

  const activate = (x: tf.Tensor4D): tf.Tensor4D =>
    gain === 1 ? tf.leakyRelu(x, 0.2) : tf.mul(tf.leakyRelu(x, 0.2), gain);

  function attend(params: SynthesisLayerParams, input: SynthesisInput, context: Context): SynthesisOutput {
    const { x, style: latents, latentPositions, mask, assignments } = input;
    if (attention === undefined || params.attention === undefined || latents.components === undefined) return { x };
    const [batch, height, width, channels] = x.shape;
    const given = {
      x: tf.reshape(x, [batch, height * width, channels]) as tf.Tensor3D,
      memory: latents.components,
      ...(position === undefined ? {} : { positions: position.apply(params.position ?? {}) }),
      ...(latentPositions === undefined ? {} : { memoryPositions: latentPositions }),
      ...(mask === undefined ? {} : { mask }),
      ...(assignments === undefined ? {} : { assignments }),
    };
    const { y, ...rest } = attention.attend(params.attention, given, contextAt(context, "attention"));
    return { ...rest, x: tf.reshape(y, x.shape) };
  }

  const layer = defineLayer<SynthesisLayerParams, SynthesisInput, SynthesisOutput>({
    init: (key) => ({
      weight: normal<tf.Rank.R4>(fold(key, "weight"), [3, 3, inputs, outputs]),
      ...(style === undefined ? {} : { style: style.init(fold(key, "style")) }),
      ...(attention === undefined ? {} : { attention: attention.init(fold(key, "attention")) }),
      ...(position === undefined ? {} : { position: position.init(fold(key, "position")) }),
      ...(noisy ? { noise: { strength: tf.scalar(0) } } : {}),
      ...(bare ? {} : { bias: tf.zeros([outputs]) as tf.Tensor1D }),
    }),
    apply(params, input, context) {
      const weight = tf.mul(params.weight, scale) as tf.Tensor4D;
      const drawn =
        style === undefined || params.style === undefined || input.style.global === undefined
          ? convolve(input.x, weight)
          : modulatedConvolution(
              input.x,
              style.apply(params.style, input.style.global, context),
              weight,
              true,
              convolve,
            );
      const attended = attend(params, { ...input, x: drawn }, context);
      const noised =
        params.noise === undefined ? attended.x : addNoise(attended.x, params.noise, up ? "up" : "main", context);
      const x = params.bias === undefined ? noised : activate(tf.add(noised, params.bias) as tf.Tensor4D);
      return { ...attended, x };
    },
  });
  return layer;
}

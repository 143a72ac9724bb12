import type { AttentionVariant } from "@ganymede/core";
import { normal } from "@ganymede/core";
import {
  blurUp,
  compose,
  equalizedConvolution,
  equalizedLinear,
  learned,
  linearMap,
  modulatedMap,
  upsample,
} from "@ganymede/core/nn";
import * as tf from "@tensorflow/tfjs-core";
import type { GansformerConfig } from "./config.js";
import { attendsAt, channelsAt } from "./config.js";
import type { AssignedMap, Components, LayerStyle } from "./synthesis-layer.js";
import { synthesisLayer } from "./synthesis-layer.js";

/** What goes from block to block. */
export interface Drawing extends AssignedMap {
  /** Sum of the images so far, in the skip architecture. */
  readonly image?: tf.Tensor4D | undefined;
}

/** A drawing, and the latents of the block's first layer and those after it. */
export interface BlockInput extends Components {
  readonly drawing: Drawing;
  readonly styleAt: (layer: number) => LayerStyle;
}

/** Assignments `[B, heads, k, N]` on a map of twice the side: those of a pixel become its four pixels'. */
function onDoubled(assignments: tf.Tensor4D): tf.Tensor4D {
  const [batch, heads, components, pixels] = assignments.shape;
  const side = Math.sqrt(pixels);
  return tf.reshape(upsample(tf.reshape(assignments, [-1, side, side, 1])), [batch, heads, components, 4 * pixels]);
}

/**
 * Colours of a map: a linear map of each pixel, modulated by the global latent if there is one, without demodulation.
 *
 * Shape: x `[B, H, W, inputs]` to `[B, H, W, outputs]`.
 * Source: Karras et al. 2020, StyleGAN2, arXiv 1912.04958, section 2.2 (`tRGB`).
 */
function toImage(inputs: number, outputs: number, styleWidth: number | null) {
  const parts = {
    weight: learned((key) => normal<tf.Rank.R2>(key, [inputs, outputs])),
    style: styleWidth === null ? undefined : equalizedLinear({ inputs: styleWidth, outputs: inputs, biasInit: 1 }),
    bias: learned(() => tf.zeros<tf.Rank.R1>([outputs])),
  };
  return compose(parts, (part, { x, style }: { x: tf.Tensor4D; style: LayerStyle }): tf.Tensor4D => {
    const [batch, height, width] = x.shape;
    const pixels: tf.Tensor3D = tf.reshape(x, [batch, height * width, inputs]);
    const weight = tf.mul<tf.Tensor2D>(part.weight, 1 / Math.sqrt(inputs));
    const colours =
      part.style === undefined || style.global === undefined
        ? linearMap(pixels, weight)
        : modulatedMap(pixels, part.style(style.global), weight, false);
    return tf.reshape(tf.add(colours, part.bias), [batch, height, width, outputs]);
  });
}

/**
 * The layers of one resolution: one that doubles the map (except at side 4) and one that keeps it; in the residual architecture a shortcut
 * around them, in the skip architecture an image that is added up. The last block ends with a bare convolution and the image.
 *
 * Source: Karras et al. 2020, StyleGAN2, arXiv 1912.04958, figure 7; dorarad/gansformer for the last convolution.
 */
export function synthesisBlock(config: GansformerConfig, side: number, variants: readonly AttentionVariant[]) {
  const { generator, channels, imageSize } = config;
  const { architecture, blurTaps, latentWidth, style } = generator;
  const [inputs, outputs] = [channelsAt(generator, side / 2), channelsAt(generator, side)];
  const [starts, ends] = [side === 4, side === imageSize];
  const shortcut = !starts && architecture === "residual";
  const attention = attendsAt(generator.attention, side);
  const first = starts || attendsAt(generator.attention, side / 2) === undefined;
  const shared = { outputs, side, config: generator, attention, variants };
  const kept = { ...shared, inputs: outputs, up: false };
  const parts = {
    up: starts ? undefined : synthesisLayer({ ...shared, inputs, up: true, first }),
    // The sum with a shortcut has a factor 1 / sqrt(2), which takes back the activation's.
    main: synthesisLayer({ ...kept, first: first && starts, gain: shortcut ? 1 : Math.SQRT2 }),
    skip: shortcut ? equalizedConvolution({ inputs, outputs, kernel: 1, bias: false, gain: Math.SQRT1_2 }) : undefined,
    last: ends ? synthesisLayer({ ...kept, attention: undefined, first: false, bare: true }) : undefined,
    toImage: ends || architecture === "skip" ? toImage(outputs, channels, style ? latentWidth : null) : undefined,
  };
  return compose(parts, (part, { drawing, styleAt, ...components }: BlockInput): Drawing => {
    let layers = 0;
    const next = (map: AssignedMap) => ({ ...components, ...map, style: styleAt(layers++) });
    const { x: start, assignments } = drawing;
    const doubled = part.up?.(next({ x: start, assignments: assignments && onDoubled(assignments) }));
    const straight = part.main(next(doubled ?? drawing));
    const x =
      part.skip === undefined ? straight.x : tf.add<tf.Tensor4D>(blurUp(part.skip(start), blurTaps), straight.x);
    const map = part.last?.(next({ x })) ?? { ...straight, x };
    const before = drawing.image && blurUp(drawing.image, blurTaps);
    const colours = part.toImage?.({ x: map.x, style: styleAt(layers) });
    return { ...map, image: before && colours ? tf.add(before, colours) : (colours ?? before) };
  });
}

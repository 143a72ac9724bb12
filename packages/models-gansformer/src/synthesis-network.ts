import type { AttentionVariant, Context } from "@ganymede/core";
import { defineLayer, fold, normal } from "@ganymede/core";
import { contextAt, upsample } from "@ganymede/core/nn";
import * as tf from "@tensorflow/tfjs-core";
import type { GansformerConfig } from "./config.js";
import type { BlockInput, Drawing, SynthesisBlockParams } from "./synthesis-block.js";
import { channelsAt, synthesisBlock } from "./synthesis-block.js";

export interface StyledDrawing extends Omit<BlockInput, "drawing"> {
  readonly batch: number;
}

export interface Drawn {
  readonly images: tf.Tensor4D;
  /** Of every layer that attends, `[B, heads, N, k]`. */
  readonly weights: readonly tf.Tensor4D[];
}

export type SynthesisParams = {
  /** `[4, 4, C]`. */
  readonly start: tf.Tensor3D;
  readonly blocks: readonly SynthesisBlockParams[];
};

/**
 * From latents to images: a learned map of side 4, then one block for each doubling.
 *
 * Source: Hudson and Zitnick 2021, GANsformer, arXiv 2103.01209, section 3.2.
 */
export function synthesisNetwork(config: GansformerConfig, variants: readonly AttentionVariant[]) {
  const doublings = Math.log2(config.imageSize / 4);
  const blocks = Array.from({ length: doublings + 1 }, (_, index) =>
    synthesisBlock({ config, side: 4 * 2 ** index, variants }),
  );
  const before = blocks.map((_, index) => blocks.slice(0, index).reduce((sum, block) => sum + block.layers, 0));
  const width = channelsAt(config.generator, 4);
  const layer = defineLayer<SynthesisParams, StyledDrawing, Drawn>({
    init: (key) => ({
      start: normal<tf.Rank.R3>(fold(key, "start"), [4, 4, width]),
      blocks: blocks.map((block, index) => block.init(fold(fold(key, "blocks"), index))),
    }),
    apply(params, { batch, styleAt, ...others }, context: Context) {
      const x = tf.broadcastTo(tf.expandDims(params.start), [batch, 4, 4, width]) as tf.Tensor4D;
      const drawn = blocks.reduce<Drawing>(
        (drawing, block, index) =>
          block.apply(
            params.blocks[index] as SynthesisBlockParams,
            { ...others, drawing, styleAt: (at) => styleAt((before[index] as number) + at) },
            contextAt(context, index),
          ),
        { x, weights: [] },
      );
      return { images: drawn.image as tf.Tensor4D, weights: drawn.weights };
    },
  });
  /** Number of styles: one for each convolution, one for the image. */
  return { ...layer, styles: blocks.reduce((sum, block) => sum + block.layers, 0) + 1 };
}

/** Weights of all layers, `[B, heads, N, k]` each, as maps of one side: `[B, k, layers, heads, side, side]`. */
export function attentionMaps(weights: readonly tf.Tensor4D[], side: number): tf.Tensor {
  const maps = weights.map((each) => {
    const [batch, heads, pixels, components] = each.shape;
    const own = Math.sqrt(pixels);
    const first = tf.reshape(tf.transpose(each, [0, 3, 1, 2]), [batch * components * heads, own, own, 1]);
    return tf.reshape(upsample(first as tf.Tensor4D, side / own), [batch, components, heads, side, side]);
  });
  return tf.stack(maps, 2);
}

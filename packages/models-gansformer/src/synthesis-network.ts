import type { AttentionVariant } from "@ganymede/core";
import { normal } from "@ganymede/core";
import { compose, learned, upsample } from "@ganymede/core/nn";
import * as tf from "@tensorflow/tfjs-core";
import type { GansformerConfig } from "./config.js";
import { channelsAt } from "./config.js";
import type { BlockInput, Drawing } from "./synthesis-block.js";
import { synthesisBlock } from "./synthesis-block.js";

/** Number of images, and the latents of each layer of the network. */
export interface StyledDrawing extends Omit<BlockInput, "drawing"> {
  readonly batch: number;
}

/**
 * From latents to images `[B, H, W, C]`: a learned map of side 4, then one block for each doubling.
 *
 * Source: Hudson and Zitnick 2021, GANsformer, arXiv 2103.01209, section 3.2.
 */
export function synthesisNetwork(config: GansformerConfig, variants: readonly AttentionVariant[] = []) {
  const doublings = Math.log2(config.imageSize / 4);
  const width = channelsAt(config.generator, 4);
  const parts = {
    start: learned((key) => normal<tf.Rank.R3>(key, [4, 4, width])),
    blocks: Array.from({ length: doublings + 1 }, (_, index) => synthesisBlock(config, 4 * 2 ** index, variants)),
  };
  const layer = compose(parts, (part, { batch, styleAt, ...components }: StyledDrawing): tf.Tensor4D => {
    const start: Drawing = { x: tf.broadcastTo(tf.expandDims(part.start), [batch, 4, 4, width]) };
    // The first block has one layer, others have two.
    const { image } = part.blocks.reduce((drawing, block, index) => {
      const before = Math.max(2 * index - 1, 0);
      return block({ ...components, drawing, styleAt: (at) => styleAt(before + at) });
    }, start);
    return image as tf.Tensor4D; // The last block always gives one.
  });
  /** Number of styles: one for each convolution, one for the image. */
  return { ...layer, styles: 2 * doublings + 3 };
}

/** Weights of all layers, `[B, heads, N, k]` each, as maps of one side: `[B, k, layers, heads, side, side]`. */
export function attentionMaps(weights: readonly tf.Tensor4D[], side: number): tf.Tensor {
  const maps = weights.map((each) => {
    const [batch, heads, pixels, components] = each.shape;
    const own = Math.sqrt(pixels);
    const columns = tf.reshape<tf.Rank.R4>(tf.transpose(each, [0, 3, 1, 2]), [-1, own, own, 1]);
    return tf.reshape(upsample(columns, side / own), [batch, components, heads, side, side]);
  });
  return tf.stack(maps, 2);
}

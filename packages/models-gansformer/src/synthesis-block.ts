import type { AttentionVariant, Context } from "@ganymede/core";
import { defineLayer, fold } from "@ganymede/core";
import type { ConvolutionParams } from "@ganymede/core/nn";
import { blurUp, contextAt, equalizedConvolution, upsample } from "@ganymede/core/nn";
import * as tf from "@tensorflow/tfjs-core";
import type { GansformerConfig } from "./config.js";
import type { LayerStyle, SynthesisInput, SynthesisLayerParams, SynthesisOutput } from "./synthesis-layer.js";
import { synthesisLayer } from "./synthesis-layer.js";
import type { ToImageParams } from "./to-image.js";
import { toImage } from "./to-image.js";

export interface SynthesisBlockOptions {
  readonly config: GansformerConfig;
  readonly side: number;
  readonly variants: readonly AttentionVariant[];
}

/** What goes from block to block. */
export interface Drawing {
  readonly x: tf.Tensor4D;
  /** The image so far, where blocks add up to it. */
  readonly image?: tf.Tensor4D;
  readonly assignments?: tf.Tensor4D;
  /** Of every layer that attends, `[B, heads, N, k]`. */
  readonly weights: readonly tf.Tensor4D[];
}

export interface BlockInput extends Omit<SynthesisInput, "x" | "style" | "assignments"> {
  readonly drawing: Drawing;
  /** Latents of the block's first layer and those after it. */
  readonly styleAt: (layer: number) => LayerStyle;
}

export type SynthesisBlockParams = {
  readonly up?: SynthesisLayerParams;
  readonly main: SynthesisLayerParams;
  readonly skip?: ConvolutionParams;
  readonly last?: SynthesisLayerParams;
  readonly toImage?: ToImageParams;
};

/** Channels of a map of a side. */
export const channelsAt = (
  { channelBase, channelMax }: { readonly channelBase: number; readonly channelMax: number },
  side: number,
): number => Math.min(Math.floor(channelBase / side), channelMax);

/** Assignments `[B, heads, k, N]` on a map of twice the side: each pixel's become its four pixels'. */
function onDoubled(assignments: tf.Tensor4D): tf.Tensor4D {
  const [batch, heads, components, pixels] = assignments.shape;
  const side = Math.sqrt(pixels);
  const maps = tf.reshape(assignments, [batch * heads * components, side, side, 1]) as tf.Tensor4D;
  return tf.reshape(upsample(maps), [batch, heads, components, 4 * pixels]);
}

/**
 * The layers of one resolution: one that doubles the map (but for the first, of side 4) and one that keeps it; in the residual
 * architecture a shortcut around them, in the skip architecture an image that is added up. The last one ends with a bare convolution
 * and the image.
 *
 * Source: Karras et al. 2020, StyleGAN2, arXiv 1912.04958, figure 7; dorarad/gansformer for the last convolution.
 */
export function synthesisBlock({ config, side, variants }: SynthesisBlockOptions) {
  const { generator, channels: imageChannels, imageSize } = config;
  const { architecture, attention, blurTaps, latentWidth, style } = generator;
  const [inputs, outputs] = [channelsAt(generator, side / 2), channelsAt(generator, side)];
  const starts = side === 4;
  const ends = side === imageSize;
  const attends = attention.kind === "bipartite" && side >= attention.from && side <= attention.to;
  const leads = attends && (starts || side / 2 < attention.from);
  const shared = { outputs, side, config: generator, attends, variants };
  const up = starts ? undefined : synthesisLayer({ ...shared, inputs, up: true, first: leads });
  // The sum with a shortcut has a factor 1 / sqrt(2), which takes back the activation's.
  const gain = starts || architecture !== "residual" ? Math.SQRT2 : 1;
  const main = synthesisLayer({ ...shared, inputs: outputs, up: false, first: leads && starts, gain });
  const last = ends ? synthesisLayer({ ...shared, inputs: outputs, up: false, first: false, bare: true }) : undefined;
  const shortcut =
    starts || architecture !== "residual"
      ? undefined
      : equalizedConvolution({ inputs, outputs, kernel: 1, bias: false, gain: Math.SQRT1_2 });
  const rgb =
    ends || architecture === "skip"
      ? toImage({ inputs: outputs, channels: imageChannels, latentWidth, style })
      : undefined;

  const layer = defineLayer<SynthesisBlockParams, BlockInput, Drawing>({
    init: (key) => ({
      ...(up === undefined ? {} : { up: up.init(fold(key, "up")) }),
      main: main.init(fold(key, "main")),
      ...(shortcut === undefined ? {} : { skip: shortcut.init(fold(key, "skip")) }),
      ...(last === undefined ? {} : { last: last.init(fold(key, "last")) }),
      ...(rgb === undefined ? {} : { toImage: rgb.init(fold(key, "toImage")) }),
    }),
    apply(params, { drawing, styleAt, ...others }, context: Context) {
      let at = 0;
      let { x, assignments } = drawing;
      const weights = [...drawing.weights];
      const step = (own: ReturnType<typeof synthesisLayer>, ownParams: SynthesisLayerParams, name: string) => {
        const input = { ...others, x, style: styleAt(at++), assignments };
        const output: SynthesisOutput = own.apply(ownParams, input, contextAt(context, name));
        if (output.weights !== undefined) weights.push(output.weights);
        ({ x } = output);
        assignments = output.assignments ?? assignments;
      };
      if (up !== undefined && params.up !== undefined) {
        assignments = assignments === undefined ? undefined : onDoubled(assignments);
        step(up, params.up, "up");
      }
      step(main, params.main, "main");
      if (shortcut !== undefined && params.skip !== undefined) {
        const skipped = blurUp(shortcut.apply(params.skip, drawing.x, context), blurTaps);
        x = tf.add(skipped, x);
      }
      if (last !== undefined && params.last !== undefined) step(last, params.last, "last");
      let image = drawing.image === undefined ? undefined : blurUp(drawing.image, blurTaps);
      if (rgb !== undefined && params.toImage !== undefined) {
        const colours = rgb.apply(params.toImage, { x, global: styleAt(at).global }, context);
        image = image === undefined ? colours : tf.add(image, colours);
      }
      return {
        x,
        weights,
        ...(image === undefined ? {} : { image }),
        ...(assignments === undefined ? {} : { assignments }),
      };
    },
  });
  /** Styles that the block takes before the next block's first; the last image's is one more. */
  return { ...layer, layers: (up === undefined ? 1 : 2) + (last === undefined ? 0 : 1) };
}

import type { Context, Key, ModelParts, ParamsOf } from "@ganymede/core";
import { defineLayer, expectShape, fold, normal } from "@ganymede/core";
import type { LinearParams } from "@ganymede/core/nn";
import {
  classVectors,
  contextAt,
  equalizedLinear,
  fourierFeatures,
  gridPositions,
  mappingNetwork,
  mix,
  mixingMask,
  pixelShuffle,
} from "@ganymede/core/nn";
import * as tf from "@tensorflow/tfjs-core";
import { blocks } from "./blocks.js";
import { coarseReader } from "./coarse-reader.js";
import type { PixelBlocksConfig, SkinnyConfig } from "./config.js";
import { latentTokens } from "./latent-tokens.js";
import { mixerOf } from "./mixer-of.js";
import { styleNorm } from "./style-norm.js";

/**
 * Parameters of the map to a pixel shuffle: the pixels of a square start alike, as if it repeated them, so that no grid shows.
 *
 * Source: Aitken et al. 2017, arXiv 1707.02937, section 4.
 */
function evenSpread(key: Key, inputs: number, outputs: number, factor: number): LinearParams {
  const shape = [inputs, outputs, factor ** 2] as const;
  const one = normal<tf.Rank.R3>(key, [inputs, outputs, 1]);
  return {
    weight: tf.reshape(tf.broadcastTo(one, [...shape]), [inputs, outputs * factor ** 2]),
    bias: tf.zeros([outputs * factor ** 2]),
  };
}

/**
 * The generator without a convolution: z becomes w, a deep stack of attention works on L latent tokens under w, a coarse map of pixels
 * reads them by cross-attention, and all pixels come out of it by a pixel shuffle, each map with blocks of its own.
 *
 * Shapes: z `[B, styleWidth + L noiseWidth]` to images `[B, H, W, C]`, not clamped. Styles are z's shape with w in the place of its first
 * part; those of layers `[B, layers, ..]`. The context carries the labels `[B]` where there are classes, whose vectors join z.
 * Source: our own, after the proposal "all-attention GANs" (G. Branwen 2020); parts as their files say.
 */
export function createGenerator(config: SkinnyConfig, parts: ModelParts = {}) {
  const { imageSize, channels, classes, generator } = config;
  const { styleWidth, mapping, tokens, noiseWidth, styleInput, styleMixing, mlpRatio, stack, coarse, fine } = generator;
  const modulated = styleInput === "modulation" ? styleWidth : null;
  const noiseSize = tokens * noiseWidth;
  const latentSize = styleWidth + noiseSize;
  const factor = imageSize / coarse.side;
  const sequence = (name: "stack" | "coarse" | "fine", side: number) => {
    const { width, count, heads, mixing, reversible }: PixelBlocksConfig = generator[name];
    return blocks({
      width,
      count,
      mlpRatio,
      reversible,
      styleWidth: modulated,
      mixer: mixerOf(mixing, { width, heads, side }, parts, `generator.${name}.mixing`),
    });
  };
  const toStyle = mappingNetwork({ ...mapping, inputs: (classes === 0 ? 1 : 2) * styleWidth, width: styleWidth });
  const latents = latentTokens(generator);
  const deep = sequence("stack", Math.sqrt(tokens));
  const reader = coarseReader(generator, modulated);
  const coarseBlocks = sequence("coarse", coarse.side);
  const spread = equalizedLinear({ inputs: coarse.width, outputs: factor ** 2 * fine.width });
  const position = fourierFeatures({ width: fine.width });
  const fineBlocks = sequence("fine", imageSize);
  const norm = styleNorm(fine.width, modulated);
  const colours = equalizedLinear({ inputs: fine.width, outputs: channels });
  const layers = stack.count + 1 + coarse.count + fine.count + 1;

  const layer = defineLayer({
    init: (key) => ({
      ...(classes === 0 ? {} : { classes: normal<tf.Rank.R2>(fold(key, "classes"), [classes, styleWidth]) }),
      mapping: toStyle.init(fold(key, "mapping")),
      latents: latents.init(fold(key, "latents")),
      stack: deep.init(fold(key, "stack")),
      reader: reader.init(fold(key, "reader")),
      coarse: coarseBlocks.init(fold(key, "coarse")),
      spread: evenSpread(fold(key, "spread"), coarse.width, fine.width, factor),
      position: position.init(fold(key, "position")),
      fine: fineBlocks.init(fold(key, "fine")),
      norm: norm.init(fold(key, "norm")),
      colours: colours.init(fold(key, "colours")),
    }),
    apply(params, z: tf.Tensor2D, context: Context): tf.Tensor4D {
      expectShape(z, ["B", latentSize], "skinny generator input");
      return context.mode === "training" && styleMixing > 0
        ? drawLayers(params, layersOf(params, z, context), context)
        : drawWith(params, [stylesOf(params, z, context)], context);
    },
  });
  type Params = ParamsOf<typeof layer>;

  function stylesOf(params: Params, z: tf.Tensor2D, context: Context): tf.Tensor2D {
    const [batch] = z.shape;
    const own = tf.slice2d(z, [0, 0], [batch, styleWidth]);
    const classed =
      params.classes === undefined
        ? own
        : tf.concat2d([own, classVectors(params.classes, context, "skinny generator")], 1);
    const w = toStyle.apply(params.mapping, classed, context);
    return noiseSize === 0 ? w : tf.concat2d([w, tf.slice2d(z, [0, styleWidth], [batch, noiseSize])], 1);
  }

  /** One style per layer; in training, some images' last ones are another latent's. */
  function layersOf(params: Params, z: tf.Tensor2D, context: Context): tf.Tensor3D {
    const [batch] = z.shape;
    const shape: [number, number, number] = [batch, layers, latentSize];
    const all = tf.broadcastTo(tf.expandDims(stylesOf(params, z, context), 1), shape) as tf.Tensor3D;
    if (context.mode !== "training" || styleMixing === 0) return all;
    const other = stylesOf(params, normal(fold(context.key, "mixing/z"), [batch, latentSize]), context);
    const mask = mixingMask(fold(context.key, "mixing"), batch, layers, styleMixing);
    return mix(tf.expandDims(mask, 2), tf.broadcastTo(tf.expandDims(other, 1), shape) as tf.Tensor3D, all);
  }

  function drawLayers(params: Params, styles: tf.Tensor3D, context: Context): tf.Tensor4D {
    return drawWith(params, tf.unstack(styles, 1) as tf.Tensor2D[], context);
  }

  /** Images of one style, or of one for each layer. */
  function drawWith(params: Params, styles: readonly tf.Tensor2D[], context: Context): tf.Tensor4D {
    const first = styles[0] as tf.Tensor2D;
    const [batch] = first.shape;
    const modulations = modulated === null ? [] : styles.map((each) => tf.slice2d(each, [0, 0], [batch, styleWidth]));
    const from = (start: number, count = 1) =>
      modulations.length <= 1 ? modulations : modulations.slice(start, start + count);
    const noise = tf.slice2d(first, [0, styleWidth], [batch, noiseSize]);
    const start = latents.apply(params.latents, { w: tf.slice2d(first, [0, 0], [batch, styleWidth]), noise }, context);
    const deepStyles = { x: start, styles: from(0, stack.count) };
    const worked = deep.apply(params.stack, deepStyles, contextAt(context, "stack")); // [B, L, D]
    const view = { latents: worked, style: from(stack.count)[0] };
    const read = reader.apply(params.reader, view, contextAt(context, "reader"));
    const coarseStyles = { x: read, styles: from(stack.count + 1, coarse.count) };
    const rough = coarseBlocks.apply(params.coarse, coarseStyles, contextAt(context, "coarse")); // [B, side side, D1]
    const wide = tf.reshape(spread.apply(params.spread, rough, context), [
      batch,
      coarse.side,
      coarse.side,
      -1,
    ]) as tf.Tensor4D;
    const shuffled = tf.reshape(pixelShuffle(wide, factor), [batch, imageSize ** 2, fine.width]);
    const placed = tf.add(shuffled, position.apply(params.position, gridPositions(imageSize), context)) as tf.Tensor3D;
    const fineStyles = { x: placed, styles: from(layers - 1 - fine.count, fine.count) };
    const pixels = fineBlocks.apply(params.fine, fineStyles, contextAt(context, "fine")); // [B, H W, D2]
    const normed = norm.apply(params.norm, { x: pixels, style: from(layers - 1)[0] }, context);
    return tf.reshape(colours.apply(params.colours, normed, context), [batch, imageSize, imageSize, channels]);
  }

  const styles = {
    of: stylesOf,
    draw: (params: Params, w: tf.Tensor2D, context: Context) => drawWith(params, [w], context),
    // Without modulation there is one w, which all layers share.
    ...(modulated === null ? {} : { layers: { of: layersOf, draw: drawLayers } }),
  };
  return { ...layer, latentSize, styles };
}

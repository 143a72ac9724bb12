import type { Context, Key, ModelParts } from "@ganymede/core";
import { expectShape, fold, normal } from "@ganymede/core";
import type { Bound, LinearParams } from "@ganymede/core/nn";
import {
  boundTo,
  classEmbedding,
  compose,
  fourierFeatures,
  gridPositions,
  learned,
  equalizedLinear as linear,
  mappingNetwork,
  mix,
  mixingMask,
  pixelShuffle,
} from "@ganymede/core/nn";
import * as tf from "@tensorflow/tfjs-core";
import { blocks, mixerOf, normOf } from "./blocks.js";
import type { SkinnyConfig } from "./config.js";
import { coarseReader, latentTokens, withoutGrid } from "./latent-tokens.js";

/**
 * A linear map to a pixel shuffle: the pixels of a square start alike, as if it repeated them, so that no grid shows.
 *
 * Source: Aitken et al. 2017, arXiv 1707.02937, section 4.
 */
function spread(inputs: number, outputs: number, factor: number) {
  const squares = factor ** 2;
  const init = (key: Key): LinearParams => {
    const one = normal<tf.Rank.R3>(key, [inputs, outputs, 1]);
    return {
      weight: tf.reshape(tf.broadcastTo<tf.Rank.R3>(one, [inputs, outputs, squares]), [inputs, outputs * squares]),
      bias: tf.zeros([outputs * squares]),
    };
  };
  return { ...linear({ inputs, outputs: outputs * squares }), init };
}

/**
 * The generator without a convolution: z becomes w, a deep stack of attention works on L latent tokens under w, a coarse map of pixels
 * reads them by cross-attention, and all pixels come out of it by a pixel shuffle, each map with blocks of its own.
 *
 * Shapes: z `[B, styleWidth + L noiseWidth]` to images `[B, H, W, C]`, not clamped. Styles are z's shape with w in the place of its first
 * part; those of layers `[B, layers, ..]`. The context carries the labels `[B]` if there are classes, whose vectors join z.
 * Source: our own, after the proposal "all-attention GANs" (G. Branwen 2020); parts as their files say.
 */
export function createGenerator(config: SkinnyConfig, outside: ModelParts = {}) {
  const { imageSize, channels, classes, generator } = config;
  const { styleWidth, tokens, noiseWidth, styleMixing, mlpRatio, stack, coarse, fine } = generator;
  const modulated = generator.styleInput === "modulation" ? styleWidth : null;
  const noiseSize = tokens * noiseWidth;
  const latentSize = styleWidth + noiseSize;
  const factor = imageSize / coarse.side;
  const layers = stack.count + 1 + coarse.count + fine.count + 1;
  const sequence = (name: "stack" | "coarse" | "fine", side: number) => {
    const { mixing, ...sizes } = generator[name];
    const mixer = mixerOf(mixing, outside, { ...sizes, side, where: `generator.${name}.mixing` });
    return blocks({ ...sizes, mlpRatio, styleWidth: modulated, mixer });
  };
  const parts = {
    classes: classes === 0 ? undefined : learned((key) => normal<tf.Rank.R2>(key, [classes, styleWidth])),
    mapping: mappingNetwork({ ...generator.mapping, inputs: (classes === 0 ? 1 : 2) * styleWidth, width: styleWidth }),
    latents: latentTokens(generator),
    stack: withoutGrid(sequence("stack", Math.sqrt(tokens))),
    reader: coarseReader(generator, modulated),
    coarse: sequence("coarse", coarse.side),
    spread: spread(coarse.width, fine.width, factor),
    position: fourierFeatures({ width: fine.width }),
    fine: sequence("fine", imageSize),
    norm: normOf(fine.width, modulated),
    colours: linear({ inputs: fine.width, outputs: channels }),
  };
  type Part = Bound<typeof parts>;

  function mapping(part: Part, z: tf.Tensor2D, context: Context): tf.Tensor2D {
    const [batch] = z.shape;
    const own = tf.slice2d(z, [0, 0], [batch, styleWidth]);
    const vectors = part.classes && classEmbedding(part.classes, context, "skinny generator");
    const w = part.mapping(vectors === undefined ? own : tf.concat2d([own, vectors], 1));
    return noiseSize === 0 ? w : tf.concat2d([w, tf.slice2d(z, [0, styleWidth], [batch, noiseSize])], 1);
  }

  /** One style per layer; in training, the last ones of some images are another latent's. */
  function layersOf(part: Part, z: tf.Tensor2D, context: Context): tf.Tensor3D {
    const [batch] = z.shape;
    const spread = (w: tf.Tensor2D) => tf.broadcastTo<tf.Rank.R3>(tf.expandDims(w, 1), [batch, layers, latentSize]);
    const all = spread(mapping(part, z, context));
    if (context.mode !== "training" || styleMixing === 0) return all;
    const other = mapping(part, normal(fold(context.key, "mixing/z"), [batch, latentSize]), context);
    const mask = mixingMask(fold(context.key, "mixing"), batch, layers, styleMixing);
    return mix(tf.expandDims(mask, 2), spread(other), all);
  }

  /** Images of one style, or of one for each layer. */
  function draw(part: Part, styles: readonly tf.Tensor2D[]): tf.Tensor4D {
    const first = styles[0]!;
    const [batch] = first.shape;
    const style = (w: tf.Tensor2D) => tf.slice2d(w, [0, 0], [batch, styleWidth]);
    const modulations = modulated === null ? [] : styles.map(style);
    const from = (start: number, count = 1) =>
      modulations.length <= 1 ? modulations : modulations.slice(start, start + count);
    const noise = tf.slice2d(first, [0, styleWidth], [batch, noiseSize]);
    const start = part.latents({ w: style(first), noise });
    const latents = part.stack({ x: start, styles: from(0, stack.count) }); // [B, L, D]
    const read = part.reader({ latents, style: from(stack.count)[0] });
    const rough = part.coarse({ x: read, styles: from(stack.count + 1, coarse.count) }); // [B, side side, D1]
    const wide = tf.reshape<tf.Rank.R4>(part.spread(rough), [batch, coarse.side, coarse.side, -1]);
    const shuffled = tf.reshape<tf.Rank.R3>(pixelShuffle(wide, factor), [batch, imageSize ** 2, fine.width]);
    const placed = tf.add<tf.Tensor3D>(shuffled, part.position(gridPositions(imageSize)));
    const pixels = part.fine({ x: placed, styles: from(layers - 1 - fine.count, fine.count) }); // [B, H W, D2]
    const normed = part.norm({ x: pixels, style: from(layers - 1)[0] });
    return tf.reshape(part.colours(normed), [batch, imageSize, imageSize, channels]);
  }

  const drawLayers = (part: Part, styles: tf.Tensor3D) => draw(part, tf.unstack(styles, 1) as tf.Tensor2D[]);

  const layer = compose(parts, (part, z: tf.Tensor2D, context): tf.Tensor4D => {
    expectShape(z, ["B", latentSize], "skinny generator input");
    return context.mode === "training" && styleMixing > 0
      ? drawLayers(part, layersOf(part, z, context))
      : draw(part, [mapping(part, z, context)]);
  });
  const styles = {
    mapping: boundTo(layer, mapping),
    synthesis: boundTo(layer, (part, w: tf.Tensor2D) => draw(part, [w])),
    // Without modulation there is one w, which all layers share.
    ...(modulated !== null && { layers: { mapping: boundTo(layer, layersOf), synthesis: boundTo(layer, drawLayers) } }),
  };
  return { ...layer, latentSize, styles };
}

import type { Context, MixerPart } from "@ganymede/core";
import { defineLayer, expectShape, fold, normal } from "@ganymede/core";
import { averagePool, contextAt, patchEmbedding } from "@ganymede/core/nn";
import * as tf from "@tensorflow/tfjs-core";
import { blocks } from "./blocks.js";
import { classLogit, residualGain } from "./class-logit.js";
import type { MultiScaleConfig, ScaleConfig } from "./config.js";
import { halvingMatrix, resample } from "./resample.js";
import { narrowLinear } from "./starts.js";

const halvings = {
  "2x2": (map: tf.Tensor4D) => averagePool(map),
  "3x3": (map: tf.Tensor4D) => resample(map, halvingMatrix),
};

interface ScaleOptions extends Omit<MultiScaleConfig, "kind" | "scales"> {
  readonly scale: ScaleConfig;
  readonly channels: number;
  /** Tokens along a side of this scale's map. */
  readonly side: number;
  /** Width of what comes from the scale before, 0 for the first. */
  readonly incoming: number;
}

/** One scale: patches of the image beside the halved map of the scale before, positions, blocks. */
function scaleLayer({ scale, channels, side, incoming, ...config }: ScaleOptions, attention: MixerPart) {
  const { patchSize, overlap, shrink } = scale;
  const width = incoming + scale.width;
  const embedding = patchEmbedding({ patchSize, channels, width: scale.width, overlap });
  const shared = {
    ...config,
    width,
    grid: [side, side] as const,
    linear: narrowLinear,
    memoryWidth: null,
    gain: residualGain(config),
  };
  const groups = scale.groups.map((group) => blocks({ ...shared, ...group }, attention));
  return defineLayer({
    init: (key) => ({
      embedding: embedding.init(fold(key, "embedding")),
      position: normal<tf.Rank.R2>(fold(key, "position"), [side ** 2, width], 0, 0.02),
      groups: groups.map((group, index) => group.init(fold(fold(key, "groups"), index))),
    }),
    /** `before` are the tokens of the scale before, none for the first. */
    apply(params, { images, before }: { images: tf.Tensor4D; before: tf.Tensor3D | null }, context: Context) {
      const seen = shrink === 1 ? images : averagePool(images, shrink);
      const patches = embedding.apply(params.embedding, seen, context); // [B, side side, scale.width]
      const halved = (tokens: tf.Tensor3D) => {
        const [batch] = tokens.shape;
        const map = halvings[config.halving](tf.reshape(tokens, [batch, 2 * side, 2 * side, incoming]));
        return tf.reshape<tf.Rank.R3>(map, [batch, side ** 2, incoming]);
      };
      const joined = before === null ? patches : tf.concat3d([halved(before), patches], 2);
      return groups.reduce(
        (x, group, index) =>
          group.apply(params.groups[index] as (typeof params.groups)[number], { x }, contextAt(context, index)),
        tf.add(joined, params.position) as tf.Tensor3D,
      );
    },
  });
}

/**
 * Version 2's discriminator: blocks over small patches, then, as the map is halved, patches of more and more of the image beside what
 * the blocks made of it; at last a class token, one more block, and a linear map of the class token.
 *
 * Shapes: images `[B, H, W, C]` in [-1, 1] to logits `[B]`; the context carries the labels `[B]` where there are classes.
 * Source: Jiang, Chang and Wang 2021, arXiv 2102.07074, section 3.2; VITA-Group/TransGAN, `models_search`.
 *
 * @param classAttention of the last block, over tokens of which one is no pixel: a variant without a grid.
 * @param classes that images are judged by; 0 for none.
 */
export function createMultiScaleDiscriminator(
  imageShape: readonly [number, number, number],
  { scales, ...config }: MultiScaleConfig,
  attention: MixerPart,
  classAttention: MixerPart,
  classes = 0,
) {
  const [imageSize, , channels] = imageShape;
  const widths = scales.map((_, index) => scales.slice(0, index).reduce((sum, { width }) => sum + width, 0));
  const layers = scales.map((scale, index) => {
    const side = imageSize / scale.shrink / scale.patchSize;
    return scaleLayer({ ...config, scale, channels, side, incoming: widths[index] as number }, attention);
  });
  const width = scales.reduce((sum, scale) => sum + scale.width, 0);
  const logit = classLogit({ ...config, width, classes, gain: residualGain(config) }, classAttention);
  return defineLayer({
    init: (key) => ({
      scales: layers.map((layer, index) => layer.init(fold(fold(key, "scales"), index))),
      logit: logit.init(fold(key, "logit")),
    }),
    apply(params, images: tf.Tensor4D, context: Context): tf.Tensor1D {
      expectShape(images, ["B", ...imageShape], "transgan discriminator input");
      let tokens: tf.Tensor3D | null = null;
      for (const [index, layer] of layers.entries()) {
        const own = params.scales[index] as (typeof params.scales)[number];
        tokens = layer.apply(own, { images, before: tokens }, contextAt(context, index));
      }
      return logit.apply(params.logit, tokens as unknown as tf.Tensor3D, contextAt(context, "logit"));
    },
  });
}

import { bandDistance, dotProductWith, scheduledMask, windowDistance } from "@ganymede/attention";
import type { MixerPart } from "@ganymede/core";
import { expectShape } from "@ganymede/core";
import type { Bound } from "@ganymede/core/nn";
import { addClassEmbedding, compose, learned, linear, pixelNorm } from "@ganymede/core/nn";
import * as tf from "@tensorflow/tfjs-core";
import type { BlocksInput } from "./blocks.js";
import { blocks } from "./blocks.js";
import type { GeneratorConfig, TransganConfig } from "./config.js";
import { positions, uniformLinear } from "./parts.js";
import { enlarge } from "./resample.js";

const distances = { band1d: bandDistance, window2d: windowDistance };

/** A stage: the map of the one before enlarged, learned positions, blocks. The last block may see its neighbours only at first. */
function stage(config: GeneratorConfig, index: number, attention: MixerPart) {
  const { bottom, stages, crossAttention, locality } = config;
  const { width = 0, depth = 0, window = null, enlarge: way = "none" } = stages[index] ?? {};
  const side = bottom * 2 ** index;
  const before = way === "none" ? side : side / 2;
  const local =
    locality !== null && index === stages.length - 1
      ? dotProductWith({ biases: [scheduledMask({ ...locality, distance: distances[locality.mask] })] })
      : undefined;
  const options = { ...config, width, depth, window, grid: [side, side] as const, linear: uniformLinear };
  const memoryWidth = crossAttention ? stages[0]?.width : undefined;
  const parts = {
    position: positions(side ** 2, width),
    blocks: blocks({ ...options, memoryWidth, lastAttention: local }, attention),
  };
  return compose(parts, (part, { x, memory }: BlocksInput): tf.Tensor3D => {
    const placed = tf.add<tf.Tensor3D>(enlarge(x, [before, before], way), part.position);
    return part.blocks({ x: placed, memory });
  });
}

/**
 * TransGAN's generator: z becomes the tokens of a small map; stages of transformer blocks alternate with doublings of the map, each
 * followed by learned positions; one linear map of the last tokens gives pixels. With classes, the embedding of an image's class is added
 * to its z. `superResolution` starts from a small image in place of z and shares everything after.
 *
 * Shapes: z `[B, latentSize]` to images `[B, H, W, C]`, values around [-1, 1], not clamped; with classes the context carries the labels
 * `[B]`.
 * Source: Jiang, Chang and Wang 2021, arXiv 2102.07074, section 3; VITA-Group/TransGAN, `models_search`.
 */
export function createGenerator(
  { imageSize, channels, classes, generator: config }: Omit<TransganConfig, "discriminator">,
  attention: MixerPart,
) {
  const { latentSize, latentNorm, bottom, stages, crossAttention, coTraining } = config;
  const [first = 0, last = 0] = [stages[0]?.width, stages.at(-1)?.width];
  const tokens = bottom ** 2;
  const start = uniformLinear({ inputs: latentSize, outputs: tokens * first });
  const asTokens = (map: tf.Tensor) => tf.reshape<tf.Rank.R3>(map, [-1, tokens, first]);
  const memory = { map: start, position: learned(() => tf.zeros<tf.Rank.R2>([tokens, first])) };
  const pixels = linear({ inputs: channels, outputs: first });
  const parts = {
    start,
    classes: classes === 0 ? undefined : addClassEmbedding({ classes, width: latentSize }),
    memory: crossAttention
      ? compose(memory, (part, z: tf.Tensor2D) => tf.add<tf.Tensor3D>(asTokens(part.map(z)), part.position))
      : undefined,
    stages: stages.map((_, index) => stage(config, index, attention)),
    output: linear({ inputs: last, outputs: channels }),
  };
  function draw(part: Bound<typeof parts>, map: tf.Tensor3D, read?: tf.Tensor3D): tf.Tensor4D {
    const drawn = part.stages.reduce((x, each) => each({ x, memory: read }), map);
    return tf.reshape(part.output(drawn), [-1, imageSize, imageSize, channels]);
  }
  const layer = compose({ ...parts, pixels: coTraining ? pixels : undefined }, (part, z: tf.Tensor2D): tf.Tensor4D => {
    expectShape(z, ["B", latentSize], "transgan generator input");
    const plain = latentNorm ? pixelNorm(z) : z;
    const latent = part.classes?.(plain) ?? plain;
    return draw(part, asTokens(part.start(latent)), part.memory?.(latent));
  });
  const { apply } = compose({ ...parts, pixels }, (part, small: tf.Tensor4D): tf.Tensor4D => {
    expectShape(small, ["B", bottom, bottom, channels], "transgan small images");
    return draw(part, part.pixels(tf.reshape<tf.Rank.R3>(small, [-1, tokens, channels])));
  });
  return { ...layer, ...(coTraining && { superResolution: { size: bottom, apply } }) };
}

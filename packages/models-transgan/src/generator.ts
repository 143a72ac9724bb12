import type { Context, Key, MixerPart, ParamsOf } from "@ganymede/core";
import { defineLayer, expectShape, fold, normal } from "@ganymede/core";
import type { LinearParams } from "@ganymede/core/nn";
import { classVectors, contextAt, linear } from "@ganymede/core/nn";
import * as tf from "@tensorflow/tfjs-core";
import type { Blocks } from "./blocks.js";
import { blocks } from "./blocks.js";
import type { GeneratorConfig, TransganConfig } from "./config.js";
import { enlarge } from "./enlarge.js";
import { localAttention } from "./locality.js";
import { uniformLinear } from "./starts.js";

/** What only some configs have: vectors of classes, a map made of z that all blocks attend to, an entry for small images. */
type Entries = {
  readonly classes?: tf.Tensor2D;
  readonly memory?: { readonly map: LinearParams; readonly position: tf.Tensor2D };
  readonly pixels?: LinearParams;
};

/** A learned vector for each token, `[N, C]`. */
const positions = (key: Key, tokens: number, width: number) => normal<tf.Rank.R2>(key, [tokens, width], 0, 0.02);

/** The stages' blocks, the last of them with its own attention where it starts with its neighbours only. */
function stagesOf(config: GeneratorConfig, attention: MixerPart): Blocks[] {
  const { bottom, stages, crossAttention, locality } = config;
  const memoryWidth = crossAttention ? (stages[0]?.width as number) : null;
  return stages.map(({ width, depth, window }, index) => {
    const last = index === stages.length - 1 && locality !== null ? { lastAttention: localAttention(locality) } : {};
    const side = bottom * 2 ** index;
    const options = {
      ...config,
      width,
      depth,
      window,
      grid: [side, side] as const,
      linear: uniformLinear,
      memoryWidth,
    };
    return blocks({ ...options, ...last }, attention);
  });
}

/** z / |z| sqrt(D). */
function normalizeLatent(z: tf.Tensor2D): tf.Tensor2D {
  return tf.mul(z, tf.rsqrt(tf.mean(tf.square(z), 1, true)));
}

/**
 * TransGAN's generator: z becomes the tokens of a small map; stages of transformer blocks alternate with doublings of the map, each
 * followed by learned positions; one linear map of the last tokens gives pixels. With classes, the vector of an image's class is added
 * to its z.
 *
 * Shapes: z `[B, latentSize]` to images `[B, H, W, C]`, values around [-1, 1], not clamped; the context carries the labels `[B]` where
 * there are classes.
 * Source: Jiang, Chang and Wang 2021, arXiv 2102.07074, section 3; VITA-Group/TransGAN, `models_search`.
 */
export function createGenerator(
  { imageSize, channels, classes, generator: config }: Omit<TransganConfig, "discriminator">,
  attention: MixerPart,
) {
  const { latentSize, latentNorm, bottom, stages, crossAttention, coTraining } = config;
  const first = stages[0]?.width as number;
  const tokens = bottom ** 2;
  const start = uniformLinear({ inputs: latentSize, outputs: tokens * first });
  const steps = stagesOf(config, attention);
  const output = linear({ inputs: stages.at(-1)?.width as number, outputs: channels });
  const pixels = linear({ inputs: channels, outputs: first });
  const layer = defineLayer({
    init: (key) => ({
      start: start.init(fold(key, "start")),
      ...(classes === 0 ? {} : { classes: normal<tf.Rank.R2>(fold(key, "classes"), [classes, latentSize]) }),
      ...(crossAttention
        ? { memory: { map: start.init(fold(key, "memory")), position: tf.zeros([tokens, first]) as tf.Tensor2D } }
        : {}),
      ...(coTraining ? { pixels: pixels.init(fold(key, "pixels")) } : {}),
      stages: steps.map((step, index) => {
        const own = fold(fold(key, "stages"), index);
        return {
          position: positions(fold(own, "position"), tokens * 4 ** index, stages[index]?.width as number),
          blocks: step.init(fold(own, "blocks")),
        };
      }),
      output: output.init(fold(key, "output")),
    }),
    apply(params, z: tf.Tensor2D, context: Context): tf.Tensor4D {
      expectShape(z, ["B", latentSize], "transgan generator input");
      const { memory, classes: vectors } = params as Entries;
      const plain = latentNorm ? normalizeLatent(z) : z;
      const latent =
        vectors === undefined
          ? plain
          : (tf.add(plain, classVectors(vectors, context, "transgan generator")) as tf.Tensor2D);
      const asTokens = (made: tf.Tensor) => tf.reshape(made, [-1, tokens, first]) as tf.Tensor3D;
      const read =
        memory === undefined
          ? null
          : (tf.add(asTokens(start.apply(memory.map, latent, context)), memory.position) as tf.Tensor3D);
      return draw(params, asTokens(start.apply(params.start, latent, context)), read, context);
    },
  });
  type Params = ParamsOf<typeof layer>;

  function draw(params: Params, map: tf.Tensor3D, memory: tf.Tensor3D | null, context: Context): tf.Tensor4D {
    const last = steps.reduce((x, step, index) => {
      const { position, blocks: own } = params.stages[index] as Params["stages"][number];
      const side = bottom * 2 ** Math.max(index - 1, 0);
      const placed = tf.add(enlarge(x, [side, side], stages[index]?.enlarge ?? "none"), position) as tf.Tensor3D;
      return step.apply(own, { x: placed, memory }, contextAt(context, index));
    }, map);
    return tf.reshape(output.apply(params.output, last, context), [-1, imageSize, imageSize, channels]);
  }

  /** Co-training: the pixels of a small image enter as tokens, everything after them is shared. */
  const superResolution = {
    size: bottom,
    apply(params: Params, small: tf.Tensor4D, context: Context): tf.Tensor4D {
      expectShape(small, ["B", bottom, bottom, channels], "transgan small images");
      const entry = (params as Entries).pixels as LinearParams;
      const map = pixels.apply(entry, tf.reshape(small, [-1, tokens, channels]) as tf.Tensor3D, context);
      return draw(params, map, null, context);
    },
  };
  return { ...layer, ...(coTraining ? { superResolution } : {}) };
}

import type { MixerPart } from "@ganymede/core";
import { expectShape } from "@ganymede/core";
import type { Bound, StyledTokens } from "@ganymede/core/nn";
import {
  activated,
  addClassEmbedding,
  compose,
  fourierFeatures,
  gelu,
  gridPositions,
  joinPatches,
  equalizedLinear as linear,
  mappingNetwork,
  mlp,
  silu,
  styledNorm,
} from "@ganymede/core/nn";
import * as tf from "@tensorflow/tfjs-core";
import type { GeneratorConfig, VitganConfig } from "./config.js";
import { patchDecoder } from "./patch-decoder.js";

/** Sizes and form of a block of the generator. */
export type GeneratorBlockOptions = Pick<
  GeneratorConfig,
  "width" | "heads" | "headWidth" | "mlpWidth" | "form" | "latentInput" | "normEpsilon"
>;

/** The norm of a generator: modulated by the style, or plain if the latent enters by addition. */
const normOf = ({ width, form, latentInput, normEpsilon: epsilon }: GeneratorBlockOptions) =>
  styledNorm({ width, styleWidth: latentInput === "modulation" ? width : null, epsilon, form });

/**
 * A block of the generator. Paper: h' = MSA(SLN(h, w)) + h, then MLP(SLN(h', w)) + h'. Release: the residual comes from the
 * normalised tokens, t = SLN(h, w), t = MSA(t) + t, and the same for the MLP.
 *
 * Shapes: x `[B, N, D]` for the N tokens of the grid, style `[B, D]`, gives `[B, N, D]`.
 * Source: Lee et al. 2022, arXiv 2107.04589, section 3.2.
 */
export function generatorBlock(options: GeneratorBlockOptions, grid: readonly [number, number], variant: MixerPart) {
  const { width, heads, headWidth, mlpWidth, form } = options;
  const sizes = { channels: width, heads, linear, grid, ...(headWidth !== null && { headWidth }) };
  const parts = {
    attentionNorm: normOf(options),
    attention: variant.create(sizes),
    mlpNorm: normOf(options),
    mlp: mlp({ width, hidden: mlpWidth, linear, activation: form === "paper" ? gelu : silu }),
  };
  return compose(parts, (part, { x, style }: StyledTokens): tf.Tensor3D => {
    const first = part.attentionNorm({ x, style });
    const mixed = tf.add<tf.Tensor3D>(part.attention(first), form === "paper" ? x : first);
    const second = part.mlpNorm({ x: mixed, style });
    return tf.add(part.mlp(second), form === "paper" ? mixed : second);
  });
}

/** Tokens `[n, D]` to the pixels of their patches `[n, P P C]`: the patch decoder, or the linear map of a plain vision transformer. */
function outputLayer({ channels, generator: { output, ...config } }: VitganConfig) {
  const outputs = config.patchSize ** 2 * channels;
  return output.kind === "linear"
    ? linear({ inputs: config.width, outputs })
    : activated(patchDecoder({ ...config, ...output, channels }), (pixels) => tf.reshape(pixels, [-1, outputs]));
}

/**
 * ViTGAN's generator. The tokens start as positional features alone; the latent enters through the norms:
 * w = mapping(z), h_0 = sin(p W + b), h = blocks(h, w), y = SLN(h, w), each patch decoded from its y. With classes, the embedding of an
 * image's class is added to its z, which the paper does not have.
 *
 * Shapes: z `[B, latentSize]` to images `[B, H, W, C]`, values around [-1, 1], not clamped.
 * Source: Lee et al. 2022, arXiv 2107.04589, sections 3.2 and 3.3.
 */
export function createGenerator(config: VitganConfig, attention: MixerPart) {
  const { imageSize, classes, generator } = config;
  const { latentSize, width, patchSize, depth, mappingLayers: layers, mappingMultiplier: multiplier } = generator;
  const side = imageSize / patchSize;
  const parts = {
    classes: classes === 0 ? undefined : addClassEmbedding({ classes, width: latentSize }),
    mapping: mappingNetwork({ inputs: latentSize, width, layers, multiplier }),
    position: fourierFeatures({ width }),
    blocks: Array.from({ length: depth }, () => generatorBlock(generator, [side, side], attention)),
    norm: normOf(generator),
    output: outputLayer(config),
  };
  const mapping = (part: Bound<typeof parts>, z: tf.Tensor2D) => part.mapping(part.classes?.(z) ?? z);

  function synthesis(part: Bound<typeof parts>, style: tf.Tensor2D): tf.Tensor4D {
    const [batch] = style.shape;
    const latent = generator.latentInput === "addition" ? tf.expandDims(style, 1) : tf.zeros([batch, 1, 1]);
    const start = tf.add<tf.Tensor3D>(tf.expandDims(part.position(gridPositions(side))), latent); // [B, N, D]
    const mixed = part.blocks.reduce((x, block) => block({ x, style }), start);
    const tokens = part.norm({ x: mixed, style });
    const patches = part.output(tf.reshape<tf.Rank.R2>(tokens, [batch * side * side, width]));
    return joinPatches(tf.reshape(patches, [batch, side, side, -1]), patchSize);
  }

  const layer = compose(parts, (part, z: tf.Tensor2D): tf.Tensor4D => {
    expectShape(z, ["B", latentSize], "vitgan generator input");
    return synthesis(part, mapping(part, z));
  });
  return { ...layer, styles: { mapping: compose(parts, mapping).apply, synthesis: compose(parts, synthesis).apply } };
}

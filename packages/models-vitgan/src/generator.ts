import type { Context, Layer, MixerPart, ParamsOf, ParamTree } from "@ganymede/core";
import { defineLayer, expectShape, fold, inference } from "@ganymede/core";
import { contextAt, fourierFeatures, gridPositions, joinPatches, mappingNetwork } from "@ganymede/core/nn";
import * as tf from "@tensorflow/tfjs-core";
import { initClasses, withClass } from "./class-projection.js";
import type { GeneratorConfig, VitganConfig } from "./config.js";
import { generatorBlock, styledNorm } from "./generator-block.js";
import { linearOutput } from "./linear-output.js";
import { patchDecoder } from "./patch-decoder.js";

function outputOf(config: GeneratorConfig, channels: number): Layer<ParamTree, tf.Tensor2D, tf.Tensor3D> {
  const shared = { width: config.width, channels, patchSize: config.patchSize };
  const { output } = config;
  const layer =
    output.kind === "linear"
      ? linearOutput(shared)
      : patchDecoder({ ...shared, ...output, mappingMultiplier: config.mappingMultiplier });
  return layer as Layer<ParamTree, tf.Tensor2D, tf.Tensor3D>;
}

/**
 * ViTGAN's generator. The tokens start as positional features alone; the latent enters through the norms:
 * w = mapping(z), h_0 = sin(p W + b), h = blocks(h, w), y = SLN(h, w), each patch decoded from its y. With classes, the vector of an
 * image's class is added to its z, which the paper does not have.
 *
 * Shapes: z `[B, latentSize]` to images `[B, H, W, C]`, values around [-1, 1], not clamped.
 * Source: Lee et al. 2022, arXiv 2107.04589, sections 3.2 and 3.3.
 */
export function createGenerator(
  { imageSize, channels, classes, generator: config }: VitganConfig,
  attention: MixerPart,
) {
  const { latentSize, width, patchSize } = config;
  const side = imageSize / patchSize;
  const mapping = mappingNetwork({
    inputs: latentSize,
    width,
    layers: config.mappingLayers,
    multiplier: config.mappingMultiplier,
  });
  const position = fourierFeatures({ width });
  const { headWidth, normEpsilon: epsilon, ...shared } = config;
  const options = { ...shared, epsilon, grid: [side, side] as const, ...(headWidth === null ? {} : { headWidth }) };
  const block = generatorBlock(options, attention);
  const norm = styledNorm(options);
  const output = outputOf(config, channels);
  const layer = defineLayer({
    init: (key) => ({
      ...initClasses(key, classes, latentSize, 1),
      mapping: mapping.init(fold(key, "mapping")),
      position: position.init(fold(key, "position")),
      blocks: Array.from({ length: config.depth }, (_, index) => block.init(fold(fold(key, "blocks"), index))),
      norm: norm.init(fold(key, "norm")),
      output: output.init(fold(key, "output")),
    }),
    apply(params, z: tf.Tensor2D, context: Context): tf.Tensor4D {
      expectShape(z, ["B", latentSize], "vitgan generator input");
      return draw(params, styleOf(params, z, context), context);
    },
  });
  type Params = ParamsOf<typeof layer>;

  function styleOf(params: Params, z: tf.Tensor2D, context: Context): tf.Tensor2D {
    return mapping.apply(params.mapping, withClass(z, params, context), context);
  }

  function draw(params: Params, style: tf.Tensor2D, context: Context): tf.Tensor4D {
    const [batch] = style.shape;
    const positions = tf.expandDims(position.apply(params.position, gridPositions(side), context)); // [1, N, D]
    const start = tf.add(
      positions,
      config.latentInput === "addition" ? tf.expandDims(style, 1) : tf.zeros([batch, 1, 1]),
    ) as tf.Tensor3D; // [B, N, D]
    const mixed = params.blocks.reduce(
      (x, blockParams, index) => block.apply(blockParams, { x, style }, contextAt(context, index)),
      start,
    );
    const tokens = norm.apply(params.norm, { x: mixed, style }, context); // [B, N, D]
    const patches = output.apply(params.output, tf.reshape(tokens, [batch * side * side, width]), context);
    return joinPatches(tf.reshape(patches, [batch, side, side, patchSize ** 2 * channels]), patchSize);
  }
  const styles = {
    of: styleOf,
    draw: (params: Params, w: tf.Tensor2D) => draw(params, w, inference),
  };
  return { ...layer, styles };
}

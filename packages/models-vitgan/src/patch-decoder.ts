import { normal } from "@ganymede/core";
import type { ModulatedInput } from "@ganymede/core/nn";
import {
  compose,
  fourierFeatures,
  gridPositions,
  learned,
  mappingNetwork,
  modulatedLinear,
  scaledLeakyRelu,
} from "@ganymede/core/nn";
import * as tf from "@tensorflow/tfjs-core";
import type { GeneratorConfig, OutputConfig } from "./config.js";

/** Settings of an implicit output, the sizes of its patches, and the channels of the image. */
export type PatchDecoderOptions = Omit<Extract<OutputConfig, { kind: "implicit" }>, "kind"> &
  Pick<GeneratorConfig, "width" | "patchSize" | "mappingMultiplier"> & { readonly channels: number };

/** One hidden layer: modulated map, noise of a learned strength while training, bias, leaky ReLU. */
function decoderLayer(inputs: number, outputs: number, styleWidth: number, noise: boolean) {
  const parts = {
    map: modulatedLinear({ inputs, outputs, styleWidth }),
    bias: learned(() => tf.zeros<tf.Rank.R1>([outputs])),
    noise: noise ? learned(() => tf.zeros<tf.Rank.R1>([1])) : undefined,
  };
  return compose(parts, (part, input: ModulatedInput, context): tf.Tensor3D => {
    const y = part.map(input);
    const [count, points] = y.shape;
    const noisy =
      part.noise === undefined || context.mode === "inference"
        ? y
        : tf.add(y, tf.mul(normal<tf.Rank.R3>(context.key, [count, points, 1]), part.noise));
    return scaledLeakyRelu(tf.add<tf.Tensor3D>(noisy, part.bias));
  });
}

/**
 * Implicit patch decoder: the pixels of a patch are f(E, y), E the Fourier features of their coordinates in the patch and f an MLP
 * whose weights the token y modulates.
 *
 * Shapes: tokens `[n, D]` give `[n, P P, channels]`, pixels row-major, values unbounded.
 * Source: Lee et al. 2022, arXiv 2107.04589, section 3.3; layers of the authors' release. Differs from the release: no noise when
 * not training.
 */
export function patchDecoder(options: PatchDecoderOptions) {
  const { width, hidden, channels, patchSize, mappingLayers, mappingMultiplier, noise } = options;
  const inputs = hidden.at(-1) ?? width;
  const color = {
    map: modulatedLinear({ inputs, outputs: channels, styleWidth: width, demodulate: false }),
    bias: learned(() => tf.zeros<tf.Rank.R1>([channels])),
  };
  const parts = {
    mapping: mappingNetwork({ inputs: width, width, layers: mappingLayers, multiplier: mappingMultiplier }),
    position: fourierFeatures({ width }),
    layers: hidden.map((outputs, index) => decoderLayer(hidden[index - 1] ?? width, outputs, width, noise)),
    color: compose(color, (part, input: ModulatedInput) => tf.add<tf.Tensor3D>(part.map(input), part.bias)),
  };
  return compose(parts, (part, tokens: tf.Tensor2D): tf.Tensor3D => {
    const style = mappingLayers === 0 ? tokens : part.mapping(tokens);
    const coordinates = part.position(gridPositions(patchSize)); // [P P, D], shared by all patches
    const x = part.layers.reduce<ModulatedInput["x"]>((features, layer) => layer({ x: features, style }), coordinates);
    return part.color({ x, style });
  });
}

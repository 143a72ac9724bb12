import { type Context, defineLayer, fold, type Key, normal } from "@ganymede/core";
import {
  fourierFeatures,
  gridPositions,
  type ModulatedLinearParams,
  mappingNetwork,
  modulatedLinear,
  scaledLeakyRelu,
} from "@ganymede/core/nn";
import * as tf from "@tensorflow/tfjs-core";

export interface PatchDecoderOptions {
  /** Width D of the tokens. */
  readonly width: number;
  readonly hidden: readonly number[];
  /** Channels of the image. */
  readonly channels: number;
  /** Side P of a patch in pixels. */
  readonly patchSize: number;
  readonly mappingLayers: number;
  readonly mappingMultiplier: number;
  readonly noise: boolean;
}

type DecoderLayerParams = {
  readonly map: ModulatedLinearParams;
  readonly bias: tf.Tensor1D;
  /** Strength of the noise, `[1]`; absent without noise. */
  readonly noise?: tf.Tensor1D;
};

/** One hidden layer: modulated map, noise, bias, leaky ReLU. */
function decoderLayer(inputs: number, outputs: number, styleWidth: number, noise: boolean) {
  const map = modulatedLinear({ inputs, outputs, styleWidth });
  return {
    init: (key: Key): DecoderLayerParams => ({
      map: map.init(fold(key, "map")),
      bias: tf.zeros([outputs]),
      ...(noise ? { noise: tf.zeros([1]) as tf.Tensor1D } : {}),
    }),
    apply(params: DecoderLayerParams, x: tf.Tensor2D | tf.Tensor3D, style: tf.Tensor2D, key: Key | null): tf.Tensor3D {
      const y = map.apply(params.map, { x, style });
      const [count, points] = y.shape;
      const noisy =
        params.noise === undefined || key === null
          ? y
          : tf.add(y, tf.mul(normal<tf.Rank.R3>(key, [count, points, 1]), params.noise));
      return scaledLeakyRelu(tf.add(noisy, params.bias)) as tf.Tensor3D;
    },
  };
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
  const mapping = mappingNetwork({ inputs: width, width, layers: mappingLayers, multiplier: mappingMultiplier });
  const position = fourierFeatures({ width });
  const layers = hidden.map((outputs, index) => decoderLayer(hidden[index - 1] ?? width, outputs, width, noise));
  const color = modulatedLinear({
    inputs: hidden.at(-1) ?? width,
    outputs: channels,
    styleWidth: width,
    demodulate: false,
  });
  return defineLayer({
    init: (key) => ({
      mapping: mapping.init(fold(key, "mapping")),
      position: position.init(fold(key, "position")),
      layers: layers.map((layer, index) => layer.init(fold(fold(key, "layers"), index))),
      color: { map: color.init(fold(key, "color")), bias: tf.zeros([channels]) as tf.Tensor1D },
    }),
    apply(params, tokens: tf.Tensor2D, context?: Context): tf.Tensor3D {
      const style = mappingLayers === 0 ? tokens : mapping.apply(params.mapping, tokens);
      const coordinates = position.apply(params.position, gridPositions(patchSize)); // [P P, D], shared by all patches
      const x = layers.reduce<tf.Tensor2D | tf.Tensor3D>((features, layer, index) => {
        const noiseKey = context?.mode === "training" ? fold(context.key, index) : null;
        return layer.apply(params.layers[index] as DecoderLayerParams, features, style, noiseKey);
      }, coordinates);
      return tf.add(color.apply(params.color.map, { x, style }), params.color.bias);
    },
  });
}

/**
 * A bottleneck that stands where SAGAN's attention would, with as many numbers: y = W_3 relu(W_2 * relu(W_1 relu(x))), W_1 and W_3 maps of
 * pixels, W_2 a 3x3 convolution, without biases. Whether attention is worth more than its parameters is the question of SAGAN's table 1.
 * Shapes: x [B, N, C] -> [B, N, C], N = rows columns of the options' grid; h = 71 hidden channels for C = 256.
 * Cost: 2 N C h + 9 N h^2 multiply-adds, 5/4 N C^2 together.
 * Source: Zhang et al. 2019, arXiv 1805.08318, section 5.2, which does not say what its block is made of; this one is the bottleneck of
 * He et al. 2016, arXiv 1512.03385, section 4.1, with ReLUs before its convolutions as in SAGAN's other blocks.
 */
import { defineLayer, defineMixer, fold } from "@ganymede/core";
import { convolution, linear } from "@ganymede/core/nn";
import * as tf from "@tensorflow/tfjs-core";
import { layerOnTokens } from "./parts/on-tokens.js";

/** The whole h for which 2 C h + 9 h^2 comes closest to 5/4 C^2: queries and keys C / 8 wide, values C / 2, and the map back. */
function hiddenWidth(channels: number): number {
  return Math.max(1, Math.round((Math.sqrt(channels ** 2 + 9 * (5 / 4) * channels ** 2) - channels) / 9));
}

export const residual = defineMixer({
  id: "residual",
  source: "https://arxiv.org/abs/1805.08318",
  defaults: {},
  create(_, options) {
    const { channels } = options;
    const hidden = hiddenWidth(channels);
    const narrow = linear({ inputs: channels, outputs: hidden, bias: false });
    const mixed = convolution({ inputs: hidden, outputs: hidden, kernel: 3, bias: false });
    const wide = linear({ inputs: hidden, outputs: channels, bias: false });
    const bottleneck = defineLayer({
      init: (key) => ({
        narrow: narrow.init(fold(key, "narrow")),
        mixed: mixed.init(fold(key, "mixed")),
        wide: wide.init(fold(key, "wide")),
      }),
      apply(params, x: tf.Tensor4D, context): tf.Tensor4D {
        const few = narrow.apply(params.narrow, tf.relu(x), context); // [B, H, W, h]
        const near = mixed.apply(params.mixed, tf.relu(few), context); // [B, H, W, h]
        return wide.apply(params.wide, tf.relu(near), context);
      },
    });
    return layerOnTokens(bottleneck, options, "residual");
  },
});

/**
 * A convolution as a token mixer: what attention is compared with. y = W * x + b, a k x k kernel over the map of the tokens.
 * Shapes: x [B, N, C] -> [B, N, C], N = rows columns of the options' grid.
 * Cost: k^2 N C^2 multiply-adds.
 * Source: Karras et al. 2018, arXiv 1710.10196, section 4.1, for the equalised learning rate.
 */
import { defineMixer } from "@ganymede/core";
import { flag, record, whole } from "@ganymede/core/config";
import { equalizedConvolution, convolution as plainConvolution } from "@ganymede/core/nn";
import { layerOnTokens } from "./parts/on-tokens.js";

export const convolution = defineMixer({
  id: "convolution",
  source: "https://arxiv.org/abs/1710.10196",
  defaults: { kernel: 3, equalized: true },
  settings: record({
    /** Side of the kernel. Default: 3. */
    kernel: whole(),
    /** Whether the learning rate is equalised. Default: true. */
    equalized: flag,
  }),
  create({ kernel, equalized }, options) {
    const sizes = { inputs: options.channels, outputs: options.channels, kernel };
    return equalized
      ? layerOnTokens(equalizedConvolution(sizes), options, "convolution")
      : layerOnTokens(plainConvolution(sizes), options, "convolution");
  },
});

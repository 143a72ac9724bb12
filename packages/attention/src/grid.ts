/**
 * Grid self-attention: the map is cut into windows that do not overlap, and dot-product attention with a learned bias for every
 * offset runs inside each. Exact within a window, blind beyond it; what lets TransGAN reach large maps.
 * Shapes: x [B, H, W, C] -> [B, H, W, C], H and W multiples of the window's side w; bias table [(2w - 1)^2, heads].
 * Cost: 4 H W C^2 + 2 H W w^2 C multiply-adds, H W w^2 weights for each head.
 * Source: Jiang, Chang and Wang 2021, TransGAN, arXiv 2102.07074, section 3.3; positions as in section 3.4. Side 16 there.
 * Differs from source: none.
 */
import { defineLayer, defineMapAttention, expectShape } from "@ganymede/core";
import { record, whole } from "@ganymede/core/config";
import { observedInGroups } from "@ganymede/core/nn";
import type * as tf from "@tensorflow/tfjs-core";
import { relativePositionBias } from "./parts/logit-bias.js";
import { multiHead } from "./parts/multi-head.js";
import { fromWindows, toWindows, windowGroups } from "./parts/windows.js";

export const grid = defineMapAttention({
  id: "grid",
  source: "https://arxiv.org/abs/2102.07074",
  defaults: { window: 16 },
  settings: record({
    /** Side of a window, in pixels; a smaller map, known by the options' grid, is one window. Default: 16. */
    window: whole(),
  }),
  create({ window: largest }, options) {
    const window = Math.min(largest, ...(options.grid ?? []));
    const attention = multiHead({ ...options, grid: [window, window] }, { biases: [relativePositionBias()] }, "grid");
    return defineLayer({
      init: attention.init,
      apply(params, x: tf.Tensor4D, context): tf.Tensor4D {
        expectShape(x, ["B", "H", "W", options.channels], "grid input");
        const windows = toWindows(x, window); // [B H W / w^2, w^2, C]
        const [, height, width] = x.shape;
        const inside = observedInGroups(context, windowGroups(height, width, window));
        return fromWindows(attention.apply(params, windows, inside), window, height, width);
      },
    });
  },
});

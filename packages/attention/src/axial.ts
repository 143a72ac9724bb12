/**
 * Axial attention: dot-product attention along the rows of a map, then along its columns, each with its own projections. Two layers of
 * it connect any two pixels at the cost of lines instead of the whole map.
 * Shapes: x [B, H, W, C] -> [B, H, W, C].
 * Cost: 8 H W C^2 + 2 H W (H + W) C multiply-adds, H W (H + W) weights for each head.
 * Source: Ho et al. 2019, arXiv 1912.12180, section 3.1.
 * Differs from source: rows and columns follow one another without residual connections or norms between, which belong to blocks.
 */
import type { Context } from "@ganymede/core";
import { defineLayer, defineMapAttention, expectShape, fold } from "@ganymede/core";
import type { AttentionGroups } from "@ganymede/core/nn";
import { contextAt, observedInGroups } from "@ganymede/core/nn";
import * as tf from "@tensorflow/tfjs-core";
import type { MultiHeadParams } from "./parts/multi-head.js";
import { multiHead } from "./parts/multi-head.js";

export type AxialParams = { readonly rows: MultiHeadParams; readonly columns: MultiHeadParams };

/** Lines of a map as groups: `first` tokens between the starts of two lines, `step` between neighbours in one. */
function lines(grid: readonly [number, number], first: number, step: number): AttentionGroups {
  const [height, width] = grid;
  const [groups, length] = step === 1 ? [height, width] : [width, height];
  return {
    grid,
    groups,
    place(token) {
      const [row, column] = [Math.floor(token / width), token % width];
      return step === 1 ? { group: row, position: column } : { group: column, position: row };
    },
    tokens: (group) => Array.from({ length }, (_, position) => group * first + position * step),
  };
}

export const axial = defineMapAttention({
  id: "axial",
  source: "https://arxiv.org/abs/1912.12180",
  defaults: {},
  create(_, options) {
    const attention = multiHead(options, {}, "axial");
    const along = (params: MultiHeadParams, map: tf.Tensor4D, context: Context): tf.Tensor4D => {
      const [batch, lines, length, channels] = map.shape;
      const tokens = tf.reshape(map, [batch * lines, length, channels]) as tf.Tensor3D;
      return tf.reshape(attention.apply(params, tokens, context), map.shape);
    };
    const turned = (map: tf.Tensor4D): tf.Tensor4D => tf.transpose(map, [0, 2, 1, 3]);
    return defineLayer<AxialParams, tf.Tensor4D, tf.Tensor4D>({
      init: (key) => ({ rows: attention.init(fold(key, "rows")), columns: attention.init(fold(key, "columns")) }),
      apply(params, x, context) {
        expectShape(x, ["B", "H", "W", options.channels], "axial input");
        const [, height, width] = x.shape;
        const inRows = observedInGroups(contextAt(context, "rows"), lines([height, width], width, 1));
        const inColumns = observedInGroups(contextAt(context, "columns"), lines([height, width], 1, width));
        const rows = along(params.rows, x, inRows); // [B, H, W, C]
        return turned(along(params.columns, turned(rows), inColumns));
      },
    });
  },
});

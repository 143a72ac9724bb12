/**
 * Axial attention: dot-product attention along the rows of a map, then along its columns, each with its own projections. Two layers of
 * it connect any two pixels at the cost of lines instead of the whole map.
 * Shapes: x [B, H, W, C] -> [B, H, W, C].
 * Cost: 8 H W C^2 + 2 H W (H + W) C multiply-adds, H W (H + W) weights for each head.
 * Source: Ho et al. 2019, arXiv 1912.12180, section 3.1.
 * Differs from source: rows and columns follow one another without residual connections or norms between, which belong to blocks.
 */
import { defineLayer, defineMapAttention, expectShape } from "@ganymede/core";
import type { AttentionGroups } from "@ganymede/core/nn";
import { compose, observedInGroups } from "@ganymede/core/nn";
import * as tf from "@tensorflow/tfjs-core";
import { multiHead } from "./parts/multi-head.js";

type Grid = readonly [rows: number, columns: number];

/** Lines of a map as groups: `first` tokens between the starts of two lines, `step` between neighbours in one. */
function lines(grid: Grid, first: number, step: number): AttentionGroups {
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
    const turned = (map: tf.Tensor4D): tf.Tensor4D => tf.transpose(map, [0, 2, 1, 3]);
    /** Attention along the lines of a map [B, lines, length, C], which are `groups` of the layer's map. */
    const along = (groupsOf: (grid: Grid) => AttentionGroups) =>
      defineLayer({
        init: attention.init,
        apply(params, { map, grid }: { readonly map: tf.Tensor4D; readonly grid: Grid }, context): tf.Tensor4D {
          const [batch, count, length, channels] = map.shape;
          const tokens = tf.reshape<tf.Rank.R3>(map, [batch * count, length, channels]);
          return tf.reshape(attention.apply(params, tokens, observedInGroups(context, groupsOf(grid))), map.shape);
        },
      });
    const parts = { rows: along((map) => lines(map, map[1], 1)), columns: along((map) => lines(map, 1, map[1])) };
    return compose(parts, (part, x: tf.Tensor4D): tf.Tensor4D => {
      expectShape(x, ["B", "H", "W", options.channels], "axial input");
      const grid = [x.shape[1], x.shape[2]] as const;
      const rows = part.rows({ map: x, grid }); // [B, H, W, C]
      return turned(part.columns({ map: turned(rows), grid }));
    });
  },
});

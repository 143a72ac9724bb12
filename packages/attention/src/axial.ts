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
import { contextAt } from "@ganymede/core/nn";
import * as tf from "@tensorflow/tfjs-core";
import type { MultiHeadParams } from "./parts/multi-head.js";
import { multiHead } from "./parts/multi-head.js";

export type AxialParams = { readonly rows: MultiHeadParams; readonly columns: MultiHeadParams };

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
        const rows = along(params.rows, x, contextAt(context, "rows")); // [B, H, W, C]
        return turned(along(params.columns, turned(rows), contextAt(context, "columns")));
      },
    });
  },
});

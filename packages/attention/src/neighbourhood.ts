/**
 * Neighbourhood attention: each pixel attends to the k x k pixels nearest to it that lie inside the map, so that all see k^2 pixels,
 * those at a border as well, with a learned bias for every offset. y = softmax(q k^T / sqrt(D) + b) v over the neighbourhood.
 * Shapes: x [B, H, W, C] -> [B, H, W, C], H and W at least k; bias table [(2k - 1)^2, heads].
 * Cost: 4 H W C^2 + 2 H W k^2 C multiply-adds, H W k^2 weights for each head and as many copies of keys and values.
 * Source: Hassani et al. 2022, NAT, arXiv 2204.07143, section 3.1.
 * Differs from source: the projections of queries, keys and values have no bias.
 */
import { defineMapAttention, expectShape, GanymedeError, normal } from "@ganymede/core";
import { record, whole } from "@ganymede/core/config";
import { compose, learned, observeRows, scatterWeights } from "@ganymede/core/nn";
import * as tf from "@tensorflow/tfjs-core";
import { headProjections } from "./parts/head-projections.js";
import { expectOdd } from "./parts/neighbourhoods.js";

/** For each pixel, the pixels of its neighbourhood and their offsets' places in the table, [H W k k] each. */
function neighboursIn(height: number, width: number, kernel: number) {
  const first = (at: number, size: number) => Math.min(Math.max(at - (kernel - 1) / 2, 0), size - kernel);
  const pixels = new Int32Array(height * width * kernel ** 2);
  const places = new Int32Array(pixels.length);
  for (let i = 0; i < pixels.length; i++) {
    const [pixel, place] = [Math.floor(i / kernel ** 2), i % kernel ** 2];
    const [row, column] = [Math.floor(pixel / width), pixel % width];
    const [r, c] = [first(row, height) + Math.floor(place / kernel), first(column, width) + (place % kernel)];
    pixels[i] = r * width + c;
    places[i] = (r - row + kernel - 1) * (2 * kernel - 1) + c - column + kernel - 1;
  }
  return { pixels, places };
}

export const neighbourhood = defineMapAttention({
  id: "neighbourhood",
  source: "https://arxiv.org/abs/2204.07143",
  defaults: { kernel: 7 },
  settings: record({
    /** Side of a neighbourhood, odd. Default: 7. */
    kernel: whole(),
  }),
  create({ kernel }, options) {
    expectOdd(kernel, "neighbourhood");
    const { channels, heads } = options;
    const projections = headProjections(options, "neighbourhood");
    const table = learned((key) => normal<tf.Rank.R2>(key, [(2 * kernel - 1) ** 2, heads], 0, 0.02));
    return compose({ ...projections.parts, table }, (part, x: tf.Tensor4D, context): tf.Tensor4D => {
      expectShape(x, ["B", "H", "W", channels], "neighbourhood input");
      const [batch, height, width] = x.shape;
      if (height < kernel || width < kernel) {
        throw new GanymedeError(
          "invalid-argument",
          `neighbourhood: the map must be at least ${kernel} pixels wide and high, got ${height}x${width}; choose a smaller kernel`,
        );
      }
      const [tokens, count, depth] = [height * width, kernel ** 2, projections.width];
      const { q, k, v } = projections.split(part, tf.reshape(x, [batch, tokens, channels])); // [B, heads, N, D]
      const { pixels, places } = neighboursIn(height, width, kernel);
      const chosen = tf.tensor1d(pixels, "int32");
      const around = (y: tf.Tensor4D) => tf.reshape(tf.gather(y, chosen, 2), [batch, heads, tokens, count, depth]);
      const products = tf.sum(tf.mul(tf.expandDims(tf.mul(q, 1 / Math.sqrt(depth)), 3), around(k)), 4);
      const bias = tf.reshape(tf.transpose(tf.gather(part.table, tf.tensor1d(places, "int32"))), [
        heads,
        tokens,
        count,
      ]);
      const weights = tf.softmax<tf.Tensor4D>(tf.add(products, bias)); // [B, heads, N, k k]
      const grid = [height, width] as const;
      const row = (query: number): tf.Tensor3D => {
        const own = tf.reshape<tf.Rank.R3>(tf.slice4d(weights, [0, 0, query, 0], [-1, -1, 1, -1]), [
          batch,
          heads,
          count,
        ]);
        return scatterWeights(own, Array.from(pixels.subarray(query * count, (query + 1) * count)), tokens);
      };
      observeRows(context, { heads, queries: tokens, keys: tokens, row }, { queryGrid: grid, keyGrid: grid });
      const mixed: tf.Tensor4D = tf.sum(tf.mul(tf.expandDims(weights, 4), around(v)), 3); // [B, heads, N, D]
      return tf.reshape(projections.join(part, mixed), x.shape);
    });
  },
});

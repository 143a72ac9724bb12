/**
 * L2 attention as ViTGAN's authors released it: y = softmax_j((m_i - 2 q_i.k_j + m_j) t / sqrt(D)) v, m_i = mean(q_i^2), with a learned
 * temperature t. Kept to reproduce that code; `l2` is the form that the paper means.
 * Shapes: x [B, N, C] -> [B, N, C]; H heads of width D = C / H.
 * Source: mlpc-ucsd/ViTGAN, `models/gan/stylegan2/vit_common.py`.
 * Differs from source: none. Differs from the paper: plus sign, mean instead of sum, queries and keys not tied, temperature.
 */
import { defineAttention } from "@ganymede/core";
import * as tf from "@tensorflow/tfjs-core";
import { jointProjectionAttention } from "./parts/joint-projection.js";

function logits(queries: tf.Tensor4D, keys: tf.Tensor4D): tf.Tensor4D {
  const [batch, heads, tokens, width] = queries.shape;
  const products = tf.matMul(queries, keys, false, true); // [B, H, N, N]
  const squares = tf.mean(tf.square(queries), 3); // [B, H, N]
  const rows = tf.reshape(squares, [batch, heads, tokens, 1]);
  const columns = tf.reshape(squares, [batch, heads, 1, tokens]);
  return tf.mul(tf.add(tf.sub(rows, tf.mul(products, 2)), columns), 1 / Math.sqrt(width));
}

export const releaseL2 = defineAttention({
  id: "vitgan-release-l2",
  source: "https://github.com/mlpc-ucsd/ViTGAN",
  defaults: {},
  create: (_, options) => jointProjectionAttention(options, logits, "releaseL2"),
});

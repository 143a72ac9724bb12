/**
 * Dot-product attention as ViTGAN's authors released it: y = softmax(q k^T t / sqrt(D)) v with a learned temperature t, queries, keys
 * and values from one projection.
 * Shapes: x [B, N, C] -> [B, N, C]; H heads of width D = C / H.
 * Source: mlpc-ucsd/ViTGAN, `models/gan/stylegan2/vit_common.py`.
 */
import { defineAttention } from "@ganymede/core";
import * as tf from "@tensorflow/tfjs-core";
import { jointProjectionAttention } from "./parts/joint-projection.js";

function logits(queries: tf.Tensor4D, keys: tf.Tensor4D): tf.Tensor4D {
  return tf.matMul(tf.mul(queries, 1 / Math.sqrt(queries.shape[3])), keys, false, true);
}

export const releaseDotProduct = defineAttention({
  id: "vitgan-release-dot-product",
  source: "https://github.com/mlpc-ucsd/ViTGAN",
  defaults: {},
  create: (_, options) => jointProjectionAttention(options, logits, "releaseDotProduct"),
});

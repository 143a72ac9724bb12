/**
 * Attention behind noise: y = attention(x + n s), n ~ N(0, 1) one number for each token, s a learned strength that starts at 0. It gives
 * tokens something of their own to tell them apart.
 * Shapes: x [B, N, C] -> [B, N, C], n [B, N, 1], s [1].
 * Cost: nothing beside the attention's.
 * Source: VITA-Group/TransGAN, `models_search/ViT_custom_scale2_rp_noise.py`.
 * Differs from source: noise is drawn in training only, from the context's key; without a key the tokens stay as they are.
 */
import type { AttentionOptions, Layer, ParamTree, SelfAttentionPart } from "@ganymede/core";
import { defineAttention, defineLayer, fold, normal } from "@ganymede/core";
import * as tf from "@tensorflow/tfjs-core";

/** x + n s. */
export function addTokenNoise(x: tf.Tensor3D, noise: tf.Tensor3D, strength: tf.Tensor1D): tf.Tensor3D {
  return tf.add(x, tf.mul(noise, strength));
}

/** A variant of self-attention with noise before it. */
export const withTokenNoise = <Params extends ParamTree = ParamTree>(
  variant: Omit<SelfAttentionPart, "create"> & {
    create(options: AttentionOptions): Layer<Params, tf.Tensor3D, tf.Tensor3D>;
  },
) =>
  defineAttention({
    id: `${variant.id}-noise`,
    source: "https://github.com/VITA-Group/TransGAN",
    defaults: {},
    create(_, options) {
      const attention = variant.create(options);
      return defineLayer<{ readonly attention: Params; readonly strength: tf.Tensor1D }, tf.Tensor3D, tf.Tensor3D>({
        init: (key) => ({ attention: attention.init(fold(key, "attention")), strength: tf.zeros([1]) }),
        apply(params, x, context) {
          if (context.mode !== "training") return attention.apply(params.attention, x, context);
          const noise = normal<tf.Rank.R3>(fold(context.key, "noise"), [x.shape[0], x.shape[1], 1]);
          return attention.apply(params.attention, addTokenNoise(x, noise, params.strength), context);
        },
      });
    },
  })();

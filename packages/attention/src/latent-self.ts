/**
 * Self-attention between latents: y = W_c softmax(q k^T / sqrt(D)) v, with all of the latents as tokens and as memory. Latents can
 * thereby agree on who draws what before any pixel is drawn.
 * Shapes: x (latents) [B, k, C] -> [B, k, C]; encodings of positions [k, P] with `attend`.
 * Cost: 5 k C^2 + 2 k^2 C multiply-adds.
 * Source: Hudson and Zitnick 2021, GANsformer, arXiv 2103.01209, section 3.2; dorarad/gansformer, option `ltnt2ltnt`:
 * the block adds it to the latents, no norm.
 * Differs from source: none.
 */
import type { Context } from "@ganymede/core";
import { defineAttention, defineLayer } from "@ganymede/core";
import { record } from "@ganymede/core/config";
import type * as tf from "@tensorflow/tfjs-core";
import { bipartiteDefaults, bipartiteSettings } from "./parts/bipartite.js";
import type { SimplexParams } from "./parts/simplex-layer.js";
import { simplexLayer } from "./parts/simplex-layer.js";

const { positionWidth, gates, dropout } = bipartiteSettings.fields;

export const latentSelf = defineAttention({
  id: "latent-self",
  source: "https://arxiv.org/abs/2103.01209",
  defaults: { positionWidth: null, gates: bipartiteDefaults.gates, dropout: bipartiteDefaults.dropout },
  settings: record({ positionWidth, gates, dropout }),
  create(settings, options) {
    const whole = { ...settings, integration: "update", norm: null } as const;
    const bipartite = simplexLayer({ ...options, memoryChannels: options.channels }, whole, "latentSelf");
    const attend = (params: SimplexParams, x: tf.Tensor3D, context: Context, positions?: tf.Tensor2D) => {
      const places = positions === undefined ? {} : { positions, memoryPositions: positions };
      return bipartite.attend(params, { x, memory: x, ...places }, context);
    };
    const layer = defineLayer<SimplexParams, tf.Tensor3D, tf.Tensor3D>({
      init: bipartite.init,
      apply: (params, x, context) => attend(params, x, context).y,
    });
    /** `attend` takes the positions of the latents and gives the weights [B, H, k, k] too. */
    return { ...layer, attend };
  },
});
